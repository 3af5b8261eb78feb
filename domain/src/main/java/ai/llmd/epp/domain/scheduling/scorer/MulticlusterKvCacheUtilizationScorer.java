package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.EndpointAttribute;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Set;

/**
 * Prefers clusters with free KV cache, where each endpoint stands for a cluster that reports the
 * average of its model servers: the score is the free share, {@code 1 - utilization}. A utilization
 * outside {@code [0, 1]} gives a raw score outside it too; a cluster that reports none stays
 * unscored.
 */
public final class MulticlusterKvCacheUtilizationScorer implements Scorer {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of(
              "multicluster-kv-cache-utilization-scorer", MulticlusterKvCacheUtilizationScorer::new)
          .alpha();

  private static final EndpointAttribute AVERAGE_UTILIZATION =
      EndpointAttribute.of("llm-d.ai/multicluster-kv-cache-utilization", "");

  @Override
  public Scores score(SchedulingCycle cycle) {
    return Scores.of(cycle, candidate -> 1 - AVERAGE_UTILIZATION.orNaN(candidate.load()));
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(AVERAGE_UTILIZATION.key());
  }
}
