package ai.llmd.epp.application;

import static ai.llmd.epp.application.RoutingFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointLoad.Reported;
import ai.llmd.epp.domain.pool.Freshness;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.scheduling.scorer.QueueScorer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How old a value is shows up to the scorer, and in the record of the decision. */
class FreshRoutingTest {

  private static final long SECOND = 1_000_000_000L;

  private final RoutingFixture fixture = new RoutingFixture().withPods(3);

  private void sample(int slot, int waiting, long atNanos) {
    fixture
        .pool
        .current()
        .member(slot)
        .publish(
            previous ->
                new EndpointLoad(
                    waiting,
                    0,
                    0,
                    Set.of(),
                    Set.of(),
                    0,
                    0,
                    0,
                    Map.of(),
                    atNanos,
                    true,
                    new Reported(true, false, false, false)));
  }

  private ProfileRecord decided() {
    Route route = (Route) fixture.route(request());
    return DecisionRecord.of(route, 0, fixture.nanos.get()).profiles().getFirst();
  }

  @Test
  void aStaleValueIsUnscoredAndOutOfTheRange() {
    fixture.scorer = new QueueScorer();
    fixture.freshness = Freshness.within(Duration.ofSeconds(2), SampleAge.BY_CLOCK);
    fixture.nanos.set(10 * SECOND);
    sample(0, 1_000, 7 * SECOND);
    sample(1, 2, 9 * SECOND);
    sample(2, 4, 9 * SECOND);

    ProfileRecord profile = decided();

    assertThat(profile.scorers().getFirst().raw()).containsExactly(Double.NaN, 1, 0);
  }

  @Test
  void theRecordHasTheAgeOfEveryValue() {
    fixture.freshness = Freshness.within(Duration.ofSeconds(2), SampleAge.BY_CLOCK);
    fixture.nanos.set(10 * SECOND);
    sample(0, 1_000, 7 * SECOND);
    sample(1, 2, 9 * SECOND);

    ProfileRecord profile = decided();

    ProfileRecord.Row stale = profile.rows().get(0);
    assertThat(stale.reported().waitingRequests()).isFalse();
    assertThat(stale.age(stale.readAt().waitingRequests()))
        .isBetween(3 * SECOND, 3 * SECOND + 1_000_000);
    ProfileRecord.Row fresh = profile.rows().get(1);
    assertThat(fresh.reported().waitingRequests()).isTrue();
    assertThat(fresh.age(fresh.readAt().waitingRequests())).isBetween(SECOND, SECOND + 1_000_000);
    assertThat(fresh.age(fresh.readAt().runningRequests())).isEqualTo(-1);
    ProfileRecord.Row unread = profile.rows().get(2);
    assertThat(unread.age(unread.readAt().waitingRequests())).isEqualTo(-1);
  }

  @Test
  void withoutAPollerTheReferenceUsesWhatItHas() {
    fixture.scorer = new QueueScorer();
    fixture.nanos.set(100 * SECOND);
    sample(0, 0, SECOND);
    sample(1, 2, SECOND);
    sample(2, 4, SECOND);

    assertThat(decided().scorers().getFirst().raw()).containsExactly(1, 0.5, 0);
  }
}
