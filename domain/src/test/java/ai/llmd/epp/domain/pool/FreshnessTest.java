package ai.llmd.epp.domain.pool;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.EndpointLoad.ReadTimes;
import ai.llmd.epp.domain.pool.EndpointLoad.Reported;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A value that has grown too old is a state of its own, up to the scorer. */
class FreshnessTest {

  private static final long SECOND = 1_000_000_000L;
  private static final Reported NO_ADAPTERS = new Reported(true, true, true, false);

  private final EndpointState member =
      new EndpointState(0, 1, Endpoint.of(new EndpointId("ns", "a"), "192.0.2.1", 8000, Map.of()));
  private final PoolSnapshot pool = PoolSnapshot.of("p", List.of(member));
  private final Freshness twoSeconds = Freshness.within(Duration.ofSeconds(2), SampleAge.BY_CLOCK);

  private static EndpointLoad load(
      Map<String, Double> attributes, long sampledAt, Reported known, ReadTimes readAt) {
    return new EndpointLoad(
        5, 6, 0.7, Set.of(), Set.of(), 0, 16, 100, attributes, sampledAt, true, known, readAt);
  }

  private static EndpointLoad sampledAt(long nanos) {
    return load(
        Map.of("x/y", 3.0),
        nanos,
        NO_ADAPTERS,
        ReadTimes.of(nanos, nanos, nanos, ReadTimes.NEVER, Map.of(), NO_ADAPTERS));
  }

  private EndpointLoad at(long nowNanos) {
    return pool.candidates(twoSeconds, nowNanos).get(0).load();
  }

  @Test
  void aFreshLoadStaysTheVeryObject() {
    EndpointLoad load = sampledAt(-7 * SECOND);
    member.publish(previous -> load);
    assertThat(at(-7 * SECOND)).isSameAs(load);
    assertThat(at(-5 * SECOND)).isSameAs(load);
  }

  @Test
  void aSampleThatIsTooOldIsKnownNoMore() {
    member.publish(previous -> sampledAt(0));
    EndpointLoad stale = at(2 * SECOND + 1);
    assertThat(stale.reported()).isEqualTo(Reported.NOTHING);
    assertThat(stale.attributes()).isEmpty();
    assertThat(stale.waitingRequests()).isEqualTo(5);
    assertThat(stale.readAt().waitingRequests()).isZero();
    assertThat(at(100 * SECOND)).as("forgotten once").isSameAs(stale);
  }

  @Test
  void aValueThatThePageLostGrowsOldAlone() {
    member.publish(
        previous ->
            load(
                Map.of("gone/y", 1.0, "x/y", 3.0),
                9 * SECOND,
                NO_ADAPTERS,
                ReadTimes.of(
                    0,
                    9 * SECOND,
                    9 * SECOND,
                    ReadTimes.NEVER,
                    Map.of("gone/y", 0L),
                    NO_ADAPTERS)));
    assertThat(at(9 * SECOND).reported()).isEqualTo(new Reported(false, true, true, false));
    assertThat(at(9 * SECOND).attributes()).containsOnlyKeys("x/y");
  }

  @Test
  void anAttributeAloneGrowsOldToo() {
    member.publish(previous -> load(Map.of("x/y", 3.0), 0, Reported.NOTHING, ReadTimes.NONE));
    assertThat(at(SECOND).attributes()).isNotEmpty();
    assertThat(at(3 * SECOND).attributes()).isEmpty();
  }

  @Test
  void aNewSampleMakesItKnownAgain() {
    member.publish(previous -> sampledAt(0));
    assertThat(at(3 * SECOND).reported()).isEqualTo(Reported.NOTHING);
    member.publish(previous -> sampledAt(3 * SECOND));
    assertThat(at(4 * SECOND).reported()).isEqualTo(NO_ADAPTERS);
  }

  @Test
  void whatASampleAgesWhileNoRequestComesDoesNotCount() {
    SampleAge lenient = (load, now) -> Math.max(0, now - load.sampledAtNanos() - SECOND);
    Freshness freshness = Freshness.within(Duration.ofSeconds(2), lenient);
    member.publish(previous -> sampledAt(0));
    assertThat(pool.candidates(freshness, 3 * SECOND).get(0).load().reported())
        .isEqualTo(NO_ADAPTERS);
    assertThat(pool.candidates(freshness, 3 * SECOND + 1).get(0).load().reported())
        .isEqualTo(Reported.NOTHING);
  }

  @Test
  void theReferenceUsesWhatEverWasRead() {
    member.publish(previous -> sampledAt(0));
    EndpointLoad load = pool.candidates(Freshness.ANY_AGE, 1_000_000 * SECOND).get(0).load();
    assertThat(load.reported()).isEqualTo(NO_ADAPTERS);
  }

  @Test
  void neitherNothingNorAnAssumedZeroGrowsOld() {
    assertThat(at(100 * SECOND)).isSameAs(EndpointLoad.UNSAMPLED);
    member.publish(previous -> EndpointLoad.UNSAMPLED_AS_ZERO);
    assertThat(at(100 * SECOND)).isSameAs(EndpointLoad.UNSAMPLED_AS_ZERO);
  }

  @Test
  void figuresThatAreDoubtedAreNotKnownHoweverOftenTheyAreReported() {
    member.publish(previous -> sampledAt(0));
    member.doubt(true);
    member.publish(previous -> sampledAt(SECOND));
    assertThat(at(SECOND).reported()).isEqualTo(Reported.NOTHING);
    assertThat(at(SECOND).attributes()).isNotEmpty();
    member.doubt(false);
    assertThat(at(SECOND).reported()).isEqualTo(NO_ADAPTERS);
  }
}
