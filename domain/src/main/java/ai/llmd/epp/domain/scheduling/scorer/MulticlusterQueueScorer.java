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
 * Prefers clusters with fewer waiting requests, where each endpoint stands for a cluster that
 * reports the average queue of its model servers: the shortest scores 1, the longest 0, the rest in
 * proportion. Equal queues all score 1; a cluster that reports none stays unscored.
 */
public final class MulticlusterQueueScorer implements Scorer {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("multicluster-queue-scorer", MulticlusterQueueScorer::new).alpha();

  private static final EndpointAttribute AVERAGE_QUEUE =
      EndpointAttribute.of("llm-d.ai/multicluster-queue-size", "");

  @Override
  public Scores score(SchedulingCycle cycle) {
    return Scores.lowestWins(cycle, candidate -> AVERAGE_QUEUE.orNaN(candidate.load()));
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(AVERAGE_QUEUE.key());
  }
}
