package ai.llmd.epp.application.ttft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.application.metrics.EndpointNotificationSource;
import ai.llmd.epp.application.producer.Requests;
import ai.llmd.epp.application.ttft.TtftObserver.Parameters;
import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.ObservedTtft;
import ai.llmd.epp.domain.facts.ObservedTtft.Percentiles;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.FakeResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TtftObserverTest {

  private static final long MILLI = 1_000_000;
  private static final String NAME = "seen";

  private final AtomicLong now = new AtomicLong(5);
  private final TtftObserver observer = new TtftObserver(NAME, Parameters.DEFAULT, now::get);
  private final EndpointState endpoint = Requests.endpoint(1);

  private @Nullable Percentiles known() {
    SchedulingCycle cycle = cycle(0);
    return Objects.requireNonNull(cycle.facts().get(ObservedTtft.key(NAME))).at(1);
  }

  private SchedulingCycle cycle(long inFlight) {
    SchedulingCycle cycle = Requests.cycle(Requests.request(), endpoint);
    cycle
        .facts()
        .put(
            InFlightLoad.key(InFlightLoad.DEFAULT_PRODUCER),
            new InFlightLoad(new long[] {0, inFlight}, new long[2]));
    observer.produce(cycle);
    return cycle;
  }

  private void answer(long inFlight, long millis, String status, String type) {
    ResponseObserver answer =
        Objects.requireNonNull(observer.onRouted(Requests.routed(cycle(inFlight), endpoint)));
    answer.onHeaders(FakeResponseHead.of(Map.of(":status", status, "content-type", type)));
    now.addAndGet(millis * MILLI);
    answer.onFirstBytes();
    now.addAndGet(1000 * MILLI);
  }

  @Test
  void observesStreamedAnswersWithTheLoadAtWhichTheyWereSent() {
    observer.added(endpoint);
    assertThat(known()).isEqualTo(Percentiles.unknown(10));
    for (int i = 0; i < 10; i++) {
      answer(4, 250, "200", "text/event-stream; charset=utf-8");
    }
    Percentiles known = Objects.requireNonNull(known());
    assertThat(known.observations()).isEqualTo(10);
    assertThat(known.floorSeconds()).isCloseTo(0.25, within(1e-6));
    assertThat(known.typicalSeconds()).isCloseTo(0.25, within(1e-6));
    assertThat(known.inFlightAtTypical()).isEqualTo(4);
  }

  @Test
  void leavesOutWholeAnswersAndErrors() {
    observer.added(endpoint);
    answer(1, 10, "200", "application/json");
    answer(1, 10, "503", "text/event-stream");
    assertThat(known()).isEqualTo(Percentiles.unknown(10));
  }

  @Test
  void forgetsAnEndpointThatIsGone() {
    observer.added(endpoint);
    answer(1, 10, "200", "text/event-stream");
    var released = new AtomicInteger();
    observer.removed(endpoint, released::incrementAndGet);
    assertThat(released).hasValue(1);
    assertThat(known()).isNull();
    assertThat(observer.onRouted(Requests.routed(cycle(0), endpoint))).isNull();
  }

  @Test
  void mayBeListedAsASourceThatFeedsNoOther() {
    assertThat(observer.interval()).isEqualTo(Duration.ofSeconds(1));
    assertThat(observer.isOfLoads()).isFalse();
    assertThat(observer.type()).isEqualTo("latency-observer-producer-hub");
    assertThat(TtftObserver.TYPE.stability()).isEqualTo(Stability.ALPHA);
    assertThat(new EndpointNotificationSource().isOfLoads()).isFalse();
  }

  @Test
  void refusesMoreRecentRequestsThanAreKept() {
    Duration second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new Parameters(second, second, 101, 10, 25, 50, 100, second, 1000, ""))
        .hasMessageContaining("maxRequests");
  }
}
