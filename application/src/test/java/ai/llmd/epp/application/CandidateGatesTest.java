package ai.llmd.epp.application;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CandidateGatesTest {

  private final RoutingFixture fixture = new RoutingFixture().withPods(4);

  private static Candidates without(SchedulingCycle cycle, int slot) {
    return cycle.candidates().where(candidate -> candidate.slot() != slot);
  }

  @Test
  void producersAndSchedulerSeeWhatEveryScreenerKeeps() {
    List<Integer> seen = new ArrayList<>();
    int all = size(new RoutingFixture().withPods(4));
    fixture
        .screener("first", cycle -> without(cycle, 0))
        .screener("second", cycle -> without(cycle, 1))
        .producer("producer", cycle -> seen.add(cycle.candidates().size()));

    assertThat(fixture.route(RoutingFixture.request())).isInstanceOf(Route.class);
    assertThat(seen).containsExactly(all - 2);
  }

  private static int size(RoutingFixture other) {
    List<Integer> seen = new ArrayList<>();
    other.producer("producer", cycle -> seen.add(cycle.candidates().size()));
    other.route(RoutingFixture.request());
    return seen.getFirst();
  }

  @Test
  void nothingLeftIsAnsweredAsAPoolWithoutEndpoints() {
    fixture.screener("all", cycle -> cycle.candidates().where(_ -> false));

    assertThat(fixture.route(RoutingFixture.request()))
        .isInstanceOfSatisfying(
            Reject.class,
            reject -> {
              assertThat(reject.reason()).isEqualTo(Reason.NO_CANDIDATE);
              assertThat(reject.detail()).isEqualTo("screeners eliminated all endpoint candidates");
            });
  }

  @Test
  void theFirstDenialEndsTheRequest() {
    List<String> asked = new ArrayList<>();
    fixture
        .admitter("kind", _ -> null)
        .admitter("strict", _ -> "too much")
        .admitter(
            "behind",
            _ -> {
              asked.add("behind");
              return null;
            });

    RoutingDecision decision = fixture.route(RoutingFixture.request());

    assertThat(decision)
        .isInstanceOfSatisfying(
            Reject.class,
            reject -> {
              assertThat(reject.reason()).isEqualTo(Reason.INTERNAL);
              assertThat(reject.detail()).isEqualTo("request cannot be admitted: too much");
            });
    assertThat(asked).isEmpty();
    assertThat(decision.evidence().steps())
        .extracting(Evidence.Step::extensionPoint)
        .contains("Admission");
  }

  @Test
  void whatFailsLetsRequestsPass() {
    fixture
        .screener(
            "broken",
            _ -> {
              throw new IllegalStateException("x");
            })
        .admitter(
            "broken too",
            _ -> {
              throw new IllegalStateException("x");
            });

    assertThat(fixture.route(RoutingFixture.request())).isInstanceOf(Route.class);
  }
}
