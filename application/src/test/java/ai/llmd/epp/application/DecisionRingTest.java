package ai.llmd.epp.application;

import static ai.llmd.epp.application.RoutingFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.port.in.RouteRequest;
import ai.llmd.epp.domain.request.SubsetHint;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.Resolution;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecisionRingTest {

  private static final long MIB = 1 << 20;

  private final RoutingFixture fixture = new RoutingFixture();

  private static DecisionRecord record(String requestId, String model) {
    return new DecisionRecord(
        new RequestLabels(requestId, model, model, "default-flow", 0),
        Resolution.NONE,
        1,
        List.of(),
        null,
        0,
        List.of(),
        List.of(),
        "",
        0,
        0,
        null);
  }

  private static long bytesIn(DecisionRing ring) {
    return ring.latest(Integer.MAX_VALUE).stream().mapToLong(DecisionRecord::bytes).sum();
  }

  private RouteRequest recordedIn(DecisionRing ring) {
    fixture.observers.add(new DecisionRecorder(ring, () -> 1_000L, fixture::tick));
    return fixture.service();
  }

  private DecisionRecord recorded(DecisionRing ring) {
    RouteRequest recorded = recordedIn(ring);
    recorded.route(request());
    return ring.latest(1).getFirst();
  }

  @Test
  void keepsTheLastDecisionsOnly() {
    var ring = new DecisionRing(3, MIB);
    for (int i = 0; i < 10; i++) {
      ring.add(record("r" + i, "m"));
    }

    assertThat(ring.latest(100))
        .extracting(kept -> kept.labels().requestId())
        .containsExactly("r9", "r8", "r7");
    assertThat(ring.latest(1)).hasSize(1);
  }

  @Test
  void showsWhatWasDecidedSinceAMoment() {
    var ring = new DecisionRing(3, MIB);
    ring.add(record("r0", "m"));
    long moment = ring.since(0).sequence();
    ring.add(record("r1", "m"));
    ring.add(record("r2", "m"));

    DecisionRing.News news = ring.since(moment);

    assertThat(news.newestFirst())
        .extracting(kept -> kept.labels().requestId())
        .containsExactly("r2", "r1");
    assertThat(ring.since(news.sequence()).newestFirst()).isEmpty();
    for (int i = 3; i < 10; i++) {
      ring.add(record("r" + i, "m"));
    }
    assertThat(ring.since(moment).newestFirst()).hasSize(3);
    assertThat(ring.since(moment).sequence()).isEqualTo(10);
  }

  @Test
  void keepsWithinItsBytes() {
    var ring = new DecisionRing(1_000, 10_000);
    for (int i = 0; i < 1_000; i++) {
      ring.add(record("r" + i, "m".repeat(500)));
      assertThat(bytesIn(ring)).isLessThanOrEqualTo(10_000);
    }

    assertThat(ring.latest(1_000)).hasSizeBetween(3, 10);
    assertThat(ring.find("r999")).isPresent();
    assertThat(ring.find("r0")).isEmpty();
  }

  @Test
  void forgetsADecisionThatIsLargerThanAllItMayHold() {
    var ring = new DecisionRing(10, 10_000);
    ring.add(record("small", "m"));
    ring.add(record("huge", "m".repeat(100_000)));

    assertThat(ring.latest(10)).isEmpty();
    assertThat(bytesIn(ring)).isZero();
  }

  @Test
  void findsTheLatestOfTwoUnderOneId() {
    var ring = new DecisionRing(10, MIB);
    ring.add(record("r", "old"));
    ring.add(record("r", "new"));

    assertThat(ring.find("r").orElseThrow().labels().targetModel()).isEqualTo("new");
  }

  @Test
  void refusesNegativeBounds() {
    assertThatThrownBy(() -> new DecisionRing(-1, 0)).hasMessageContaining("0 or more");
  }

  @Test
  void remembersWhereARequestWentAndWhy() {
    fixture.withPods(3).filter =
        cycle -> cycle.candidates().where(candidate -> candidate.slot() != 1);

    DecisionRecord decision = recorded(new DecisionRing(10, MIB));

    assertThat(decision.decidedAtMillis()).isEqualTo(1_000);
    assertThat(decision.endpoints()).containsExactly(Endpoints.pod(2));
    assertThat(decision.refusal()).isNull();
    assertThat(decision.primaryProfile()).isEqualTo("default");
    ProfileRecord profile = decision.profiles().getFirst();
    assertThat(profile.rows()).hasSize(3);
    assertThat(profile.filters().getFirst().dropped()).containsExactly(Endpoints.pod(1));
    assertThat(profile.filters().getFirst().kept()).isEqualTo(2);
    assertThat(profile.scorers().getFirst().raw()).containsExactly(0, Double.NaN, 2);
    assertThat(profile.totals()).containsExactly(0, Double.NaN, 2);
    assertThat(profile.pick())
        .extracting(ProfileRecord.Picked::picks)
        .isEqualTo(List.of(Endpoints.pod(2)));
  }

  @Test
  void remembersWhyARequestWasRefused() {
    DecisionRecord decision = recorded(new DecisionRing(10, MIB));

    assertThat(decision.refusal())
        .extracting(DecisionRecord.Refusal::reason)
        .isEqualTo(Reason.NO_CANDIDATE);
    assertThat(decision.endpoints()).isEmpty();
  }

  @Test
  void remembersAllFilteredRunsWithoutScores() {
    fixture.withPods(2).filter = cycle -> cycle.candidates().where(candidate -> false);

    ProfileRecord profile = recorded(new DecisionRing(10, MIB)).profiles().getFirst();

    assertThat(profile.rows()).hasSize(2);
    assertThat(profile.totals()).isEmpty();
    assertThat(profile.pick()).isNull();
  }

  @Test
  void keepsThePickAndTheBestOfALargePool() {
    fixture.withPods(1_000).scorer =
        cycle ->
            Scores.of(
                cycle, candidate -> candidate.slot() >= 500 && candidate.slot() < 531 ? 1 : 0.5);

    ProfileRecord profile = recorded(new DecisionRing(10, MIB)).profiles().getFirst();

    assertThat(profile.candidates()).isEqualTo(1_000);
    assertThat(profile.rows()).hasSize(ProfileRecord.MAX_ROWS);
    assertThat(profile.rows())
        .extracting(ProfileRecord.Row::endpoint)
        .contains(Endpoints.pod(999)) // picked, in spite of its total
        .containsAll(Endpoints.pods(531).subList(500, 531));
  }

  @Test
  void holdsThousandsOfDecisionsAboutALargePool() {
    var ring = new DecisionRing(4_096, 32 * MIB);
    fixture.withPods(1_000);
    RouteRequest recorded = recordedIn(ring);
    for (int i = 0; i < 5_000; i++) {
      recorded.route(request());
    }

    assertThat(ring.latest(10_000)).hasSize(4_096);
    assertThat(bytesIn(ring)).isLessThan(32 * MIB);
  }

  @Test
  void remembersRequestsWithoutABodyToo() {
    var ring = new DecisionRing(10, MIB);
    fixture.withPods(1);

    recordedIn(ring).routeWithoutBody("get-1", SubsetHint.ALL);

    assertThat(ring.find("get-1")).isPresent();
  }
}
