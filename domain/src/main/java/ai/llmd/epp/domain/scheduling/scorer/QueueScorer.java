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
 * Prefers endpoints with fewer waiting requests: the shortest queue scores 1, the longest 0, the
 * rest in proportion. Equal queues all score 1. A server that has never reported its queue stays
 * unscored.
 */
public final class QueueScorer implements Scorer {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("queue-scorer", QueueScorer::new);

  @Override
  public Scores score(SchedulingCycle cycle) {
    return Scores.lowestReportedWins(
        cycle,
        candidate -> candidate.load().reported().waitingRequests(),
        candidate -> candidate.load().waitingRequests());
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(LoadFields.WAITING_REQUESTS);
  }
}
