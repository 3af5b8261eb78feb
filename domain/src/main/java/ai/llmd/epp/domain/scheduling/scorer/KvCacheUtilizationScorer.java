package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.LoadFields;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Set;

/**
 * Prefers endpoints with free KV cache: the score is the free share, {@code 1 - utilization}. A
 * utilization outside {@code [0, 1]} gives a raw score outside it too. A server that has never
 * reported its utilization stays unscored.
 */
public final class KvCacheUtilizationScorer implements Scorer {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("kv-cache-utilization-scorer", KvCacheUtilizationScorer::new);

  @Override
  public Scores score(SchedulingCycle cycle) {
    return Scores.ofReported(
        cycle,
        candidate -> candidate.load().reported().kvCacheUtilization(),
        candidate -> 1 - candidate.load().kvCacheUtilization());
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(LoadFields.KV_CACHE_UTILIZATION);
  }
}
