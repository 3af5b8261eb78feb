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
 * Prefers endpoints that execute fewer requests: the fewest score 1, the most 0, the rest in
 * proportion. Equal numbers all score 1. A server that has never reported its number stays
 * unscored.
 */
public final class RunningRequestsSizeScorer implements Scorer {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("running-requests-size-scorer", RunningRequestsSizeScorer::new);

  @Override
  public Scores score(SchedulingCycle cycle) {
    return Scores.lowestReportedWins(
        cycle,
        candidate -> candidate.load().reported().runningRequests(),
        candidate -> candidate.load().runningRequests());
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(LoadFields.RUNNING_REQUESTS);
  }
}
