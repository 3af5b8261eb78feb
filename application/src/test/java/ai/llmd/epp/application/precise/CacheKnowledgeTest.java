package ai.llmd.epp.application.precise;

import static ai.llmd.epp.application.producer.Requests.endpoint;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.DegradationObserver.Step;
import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth;
import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth.Cause;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus.Completeness;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.domain.facts.PrefixMatches.Basis;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CacheKnowledgeTest {

  private static final long LATER = Duration.ofMinutes(1).toNanos();

  private final EndpointState a = endpoint(0);
  private final EndpointState b = endpoint(1);
  private CacheKnowledge knowledge = knowledge(false);

  private CacheKnowledge knowledge(boolean mayBeConnectedTo) {
    var fresh = new CacheKnowledge(mayBeConnectedTo, 16, slot -> 16, slot -> "e" + slot);
    fresh.add(a);
    fresh.add(b);
    return fresh;
  }

  @Test
  void restsOnHowCompleteEachStreamIs() {
    knowledge.refresh(
        List.of(
            stream("e0", Completeness.COMPLETE, 4, 1),
            stream("e1", Completeness.INCOMPLETE, 9, 1),
            stream("elsewhere", Completeness.INCOMPLETE, 9, 1)),
        LATER);
    assertThat(knowledge.found().bases()).containsExactly(Basis.COMPLETE, Basis.INCOMPLETE);
    assertThat(knowledge.bases())
        .containsEntry("ns/p0", Basis.COMPLETE)
        .containsEntry("ns/p1", Basis.INCOMPLETE);
    assertThat(knowledge.found().steps()).containsExactly(Step.PREFIXES_INCOMPLETE);
    assertThat(knowledge.found().produced())
        .isEqualTo(new Produced.Partly("ns/p1 incomplete for 60 s"));
  }

  @Test
  void nothingReceivedIsNoSignOfLossWhileThereIsAConnection() {
    knowledge.refresh(
        List.of(
            stream("e0", Completeness.CATCHING_UP, -1, 1),
            stream("e1", Completeness.CATCHING_UP, -1, 0)),
        LATER);
    assertThat(knowledge.found().bases()).containsOnly(Basis.CATCHING_UP);
    assertThat(knowledge.found().produced())
        .isEqualTo(new Produced.Partly("ns/p1 incomplete for 60 s"));
  }

  @Test
  void aLostConnectionIsForgivenForAMoment() {
    List<KvStreamStatus> lost = List.of(stream("e0", Completeness.CATCHING_UP, 7, 1));
    knowledge.refresh(lost, Duration.ofSeconds(9).toNanos());
    assertThat(knowledge.found().steps()).isEmpty();
    knowledge.refresh(lost, Duration.ofSeconds(11).toNanos());
    assertThat(knowledge.found().steps()).containsExactly(Step.PREFIXES_INCOMPLETE);
  }

  /** With both ways configured, the one that nothing comes by counts for nothing. */
  @Test
  void countsThePublisherThatConnectsToUsBeforeOneThatCannotBeConnectedTo() {
    knowledge = knowledge(true);
    KvStreamStatus bound = stream("e0", Completeness.COMPLETE, 3, 0);
    KvStreamStatus dialed = stream("e0", Completeness.CATCHING_UP, -1, 0);
    knowledge.refresh(List.of(bound, dialed), LATER);
    assertThat(knowledge.found().bases()[0]).isEqualTo(Basis.COMPLETE);
    knowledge.refresh(List.of(dialed, bound), 2 * LATER);
    assertThat(knowledge.found().bases()[0]).isEqualTo(Basis.COMPLETE);
    assertThat(knowledge.found().steps()).isEmpty();
  }

  @Test
  void distrustsOneEndpointByItsOwnResponses() {
    compare(a, 96, CacheTruth.MIN_TO_JUDGE);
    compare(b, 32, CacheTruth.MIN_TO_JUDGE);
    knowledge.refresh(List.of(stream("e0", Completeness.COMPLETE, 4, 1)), LATER);
    assertThat(knowledge.found().bases()).containsExactly(Basis.COMPLETE, Basis.ROUTED);
    assertThat(knowledge.found().isAnyRouted()).isTrue();
    assertThat(knowledge.found().steps()).containsExactly(Step.PREFIXES_DISTRUSTED);
    assertThat(knowledge.found().produced()).isEqualTo(new Produced.Partly("ns/p1 distrusted"));
    compare(b, 96, CacheTruth.AGREEING_TO_TRUST);
    knowledge.refresh(List.of(), 2 * LATER);
    assertThat(knowledge.found().isAnyRouted()).isFalse();
  }

  @Test
  void judgesAnEndpointOfWhichLittleWasComparedAsAllAre() {
    compare(a, 32, CacheTruth.MIN_TO_NAME);
    compare(b, 32, 1);
    knowledge.refresh(List.of(), LATER);
    assertThat(knowledge.found().bases()).containsExactly(Basis.ROUTED, Basis.ROUTED);
    assertThat(knowledge.truth().get("ns/p1"))
        .isEqualTo(new KvCacheTruth(0, 1, 0, 0, false, Cause.STALE));
  }

  /** 96 tokens of 160 were predicted. */
  private void compare(EndpointState endpoint, long cached, int times) {
    for (int i = 0; i < times; i++) {
      knowledge.compare(
          Objects.requireNonNull(knowledge.of(endpoint.endpoint().id())),
          96,
          160,
          true,
          new Usage(160, 1, 161, cached));
    }
  }

  @Test
  void endsWithItsEndpoints() {
    knowledge.refresh(List.of(stream("e1", Completeness.INCOMPLETE, 9, 1)), LATER);
    knowledge.remove(b);
    knowledge.refresh(List.of(stream("e1", Completeness.INCOMPLETE, 9, 1)), 2 * LATER);
    assertThat(knowledge.found().steps()).isEmpty();
    assertThat(knowledge.found().produced()).isEqualTo(Produced.NOW);
    assertThat(knowledge.bases()).containsOnlyKeys("ns/p0");
  }

  private static KvStreamStatus stream(
      String endpoint, Completeness completeness, long last, long connections) {
    return new KvStreamStatus(endpoint, completeness, 0, last, 1, 0, 0, 0, 0, 0, 0, connections);
  }
}
