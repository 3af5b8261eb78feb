package ai.llmd.epp.application;

import static ai.llmd.epp.application.RoutingFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.scheduling.EstimatingFilter;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a filter reckons with is in the decision's record. */
class ShownEstimatesTest {

  private final RoutingFixture fixture = new RoutingFixture().withPods(3);

  private static EstimatingFilter estimating(boolean isBroken) {
    return new EstimatingFilter() {
      @Override
      public Candidates filter(SchedulingCycle cycle) {
        return cycle.candidates();
      }

      @Override
      public String estimated() {
        return "tokensPerSecond";
      }

      @Override
      public Scores estimates(SchedulingCycle cycle) {
        if (isBroken) {
          throw new IllegalStateException("broken");
        }
        return Scores.of(cycle, candidate -> 1_000 * (candidate.slot() + 1));
      }
    };
  }

  private ProfileEvidence evidence() {
    return ((Route) fixture.route(request())).evidence().profiles().getFirst();
  }

  @Test
  void byEndpoint() {
    fixture.filter = estimating(false);

    ProfileRecord.Estimates shown =
        Objects.requireNonNull(ProfileRecord.of(evidence(), 0).filters().getFirst().estimates());

    assertThat(shown.estimated()).isEqualTo("tokensPerSecond");
    assertThat(shown.values()).containsExactlyInAnyOrder(1_000, 2_000, 3_000);
  }

  @Test
  void orIsNotWhereTheFilterFailsToShowIt() {
    fixture.filter = estimating(true);

    assertThat(ProfileRecord.of(evidence(), 0).filters().getFirst().estimates()).isNull();
    assertThat(fixture.faults).containsExactly("FilterEstimates keep");
  }
}
