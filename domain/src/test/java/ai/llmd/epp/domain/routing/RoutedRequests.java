package ai.llmd.epp.domain.routing;

import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.List;

/** Routed requests for tests of plugins that follow them. */
public final class RoutedRequests {

  private RoutedRequests() {}

  /** A request without a prompt, sent to the only endpoint by profile {@code default}. */
  public static RoutedRequest any() {
    SchedulingCycle cycle = new CycleFixture().idle(1).build();
    Candidates picks = Candidates.of(1, List.of(cycle.candidates().get(0)));
    ProfileResult primary = new ProfileResult(picks, cycle.candidates(), Scores.all(cycle, 1));
    ProfileResults results = new ProfileResults();
    results.put("default", primary);
    return new RoutedRequest(
        cycle.request(), cycle.facts(), "default", primary, results, new HeaderChanges());
  }
}
