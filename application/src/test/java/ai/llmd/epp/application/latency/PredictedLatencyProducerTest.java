package ai.llmd.epp.application.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.application.latency.LatencyObserver.Outcome;
import ai.llmd.epp.application.latency.LatencyServers.Times;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.latency.LearnedLatencies;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.FakeResponseHead;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PredictedLatencyProducerTest {

  private static final String NAME = "predicted-latency-producer";
  private static final long MILLI = 1_000_000;

  private final LearnedLatencies learned = new LearnedLatencies();
  private final List<Outcome> outcomes = new ArrayList<>();
  private final AtomicInteger inProcess = new AtomicInteger();
  private final LatencyObserver observer =
      new LatencyObserver() {
        @Override
        public void ended(String producer, RequestLabels labels, Outcome outcome) {
          outcomes.add(outcome);
        }

        @Override
        public void predictedInProcess(String producer) {
          inProcess.incrementAndGet();
        }
      };
  private @Nullable FakeLatencyServers servers;
  private long now;

  private PredictedLatencyProducer producer(PredictedLatencyParameters parameters) {
    PredictedLatencyProducer producer =
        new PredictedLatencyProducer(
            NAME, parameters, new LatencyLessons(learned, servers), observer, () -> now);
    SchedulingCycle cycle = cycle(Map.of());
    for (int i = 0; i < 2; i++) {
      producer.added(new EndpointState(i, i, cycle.candidates().get(i).endpoint()));
    }
    return producer;
  }

  private static PredictedLatencyParameters streaming(double factor, String roleLabel) {
    return new PredictedLatencyParameters(
        factor, 1, true, roleLabel, true, "", "", "", false, 1_000, 0);
  }

  private static SchedulingCycle cycle(Map<String, String> headers) {
    return new CycleFixture()
        .headers(headers)
        .endpoint(EndpointLoad.UNSAMPLED_AS_ZERO, Map.of("role", "prefill"))
        .endpoint(EndpointLoad.UNSAMPLED_AS_ZERO, Map.of("role", "decode"))
        .fact(InFlightLoad.keyOrDefault(""), new InFlightLoad(new long[2], new long[2]))
        .build();
  }

  private static SchedulingCycle produced(
      PredictedLatencyProducer producer, Map<String, String> headers) {
    SchedulingCycle cycle = cycle(headers);
    producer.produce(cycle);
    return cycle;
  }

  private static @Nullable Prediction prediction(SchedulingCycle cycle, int slot) {
    return Objects.requireNonNull(cycle.facts().get(LatencyPredictions.keyOrDefault(""))).at(slot);
  }

  private static RoutedRequest routed(SchedulingCycle cycle, int slot, int prefillSlot) {
    ProfileResults results = new ProfileResults();
    ProfileResult primary = result(cycle, slot);
    results.put("decode", primary);
    if (prefillSlot >= 0) {
      results.put("prefill", result(cycle, prefillSlot));
    }
    return new RoutedRequest(
        cycle.request(), cycle.facts(), "decode", primary, results, new HeaderChanges());
  }

  private static ProfileResult result(SchedulingCycle cycle, int slot) {
    Candidate pick = cycle.candidates().get(slot);
    return new ProfileResult(
        Candidates.of(2, List.of(pick)), cycle.candidates(), Scores.all(cycle, 1));
  }

  /** Sends one request, which takes these times. */
  private void serve(
      PredictedLatencyProducer producer, int slot, long ttftMillis, long tpotMillis) {
    answer(producer, routed(produced(producer, Map.of()), slot, -1), "200", ttftMillis, tpotMillis);
  }

  private void answer(
      PredictedLatencyProducer producer,
      RoutedRequest routed,
      String status,
      long ttftMillis,
      long tpotMillis) {
    ResponseObserver observer = Objects.requireNonNull(producer.onRouted(routed));
    now += ttftMillis * MILLI;
    observer.onHeaders(head(status));
    observer.onFirstBytes();
    now += 10 * tpotMillis * MILLI;
    observer.onEnd(
        new ResponseSummary(Termination.NATURAL, new Usage(5, 11, 16, -1), true, 9, 12, 0, 0));
  }

  private static ResponseHead head(String status) {
    return FakeResponseHead.of(
        Map.of(":status", status, "content-type", "text/event-stream; charset=utf-8"));
  }

  @Test
  void predictsWhatItHasSeenOnceItHasSeenAFew() {
    PredictedLatencyProducer producer = producer(streaming(1, ""));
    assertThat(prediction(produced(producer, Map.of()), 0)).isNull();
    for (int i = 0; i < 40; i++) {
      serve(producer, 0, 100, 20);
      serve(producer, 1, 200, 40);
    }

    SchedulingCycle cycle =
        produced(producer, Map.of("x-llm-d-slo-ttft-ms", "150", "x-slo-tpot-ms", "30"));
    Prediction fast = Objects.requireNonNull(prediction(cycle, 0));
    Prediction slow = Objects.requireNonNull(prediction(cycle, 1));

    assertThat(fast.ttftMillis()).isCloseTo(100, within(10.0));
    assertThat(fast.tpotMillis()).isCloseTo(20, within(2.0));
    assertThat(fast.ttftHeadroomMillis()).isCloseTo(50, within(10.0));
    assertThat(fast.tpotHeadroomMillis()).isCloseTo(10, within(2.0));
    assertThat(fast.isTtftValid()).isTrue();
    assertThat(fast.isTpotValid()).isTrue();
    assertThat(slow.isTtftValid()).isFalse();
    assertThat(slow.isTpotValid()).isFalse();
  }

  @Test
  void anObjectiveThatIsNotSetIsNeverKept() {
    PredictedLatencyProducer producer = producer(streaming(1, ""));
    for (int i = 0; i < 20; i++) {
      serve(producer, 0, 100, 20);
    }

    Prediction prediction = Objects.requireNonNull(prediction(produced(producer, Map.of()), 0));
    assertThat(prediction.isTtftValid()).isFalse();
    assertThat(prediction.ttftHeadroomMillis()).isNegative();
  }

  @Test
  void runningRequestsWithAStricterObjectiveCountToo() {
    PredictedLatencyProducer producer = producer(streaming(2, ""));
    for (int i = 0; i < 20; i++) {
      serve(producer, 0, 100, 20);
    }
    Map<String, String> lax = Map.of("x-llm-d-slo-tpot-ms", "100");
    Map<String, String> strict = Map.of("x-llm-d-slo-tpot-ms", "25");
    ResponseObserver running =
        Objects.requireNonNull(producer.onRouted(routed(produced(producer, strict), 0, -1)));

    Prediction beside = Objects.requireNonNull(prediction(produced(producer, lax), 0));
    assertThat(beside.dispatchedRequests()).isEqualTo(1);
    assertThat(beside.tpotHeadroomMillis()).isCloseTo(2 * 25 - 20, within(3.0));

    running.onEnd(
        new ResponseSummary(Termination.CLIENT_DISCONNECT, Usage.NONE, true, 0, 0, -1, 0));
    Prediction alone = Objects.requireNonNull(prediction(produced(producer, lax), 0));
    assertThat(alone.dispatchedRequests()).isZero();
    assertThat(alone.tpotHeadroomMillis()).isCloseTo(2 * 100 - 20, within(3.0));
  }

  @Test
  void anEndpointThatPrefillsHasNoFurtherTokens() {
    PredictedLatencyProducer producer = producer(streaming(1, "role"));
    for (int i = 0; i < 20; i++) {
      serve(producer, 0, 100, 20);
    }

    Prediction prefill = Objects.requireNonNull(prediction(produced(producer, Map.of()), 0));
    assertThat(prefill.isTpotValid()).isTrue();
    assertThat(prefill.tpotHeadroomMillis()).isZero();
  }

  @Test
  void withoutStreamingTheWholeTimeCounts() {
    PredictedLatencyProducer producer = producer(PredictedLatencyParameters.DEFAULT);
    for (int i = 0; i < 20; i++) {
      serve(producer, 0, 100, 20);
    }

    Prediction prediction = Objects.requireNonNull(prediction(produced(producer, Map.of()), 0));
    assertThat(prediction.ttftMillis()).isCloseTo(300, within(20.0));
    assertThat(prediction.isTpotValid()).isTrue();
    assertThat(outcomes.getLast().predictedTtft()).isCloseTo(300, within(20.0));
    assertThat(outcomes.getLast().predictedTpot()).as("not observed").isNaN();
  }

  @Test
  void theEndpointThatComputesThePromptTakesTheTimeToTheFirstToken() {
    PredictedLatencyProducer producer = producer(streaming(1, ""));
    for (int i = 0; i < 40; i++) {
      answer(producer, routed(produced(producer, Map.of()), 1, 0), "200", 100, 20);
    }

    assertThat(learned.of(cycle(Map.of()).candidates().get(0).endpoint().id())).isNotNull();
    assertThat(outcomes.getLast().predictedTtft()).isCloseTo(100, within(10.0));
    assertThat(outcomes.getLast().tpot()).isCloseTo(20, within(0.1));
  }

  @Test
  void errorsAreNotLearnedFrom() {
    PredictedLatencyProducer producer = producer(streaming(1, ""));
    for (int i = 0; i < 40; i++) {
      answer(producer, routed(produced(producer, Map.of()), 0, -1), "503", 1, 0);
    }

    assertThat(prediction(produced(producer, Map.of()), 0)).isNull();
    assertThat(outcomes.getLast().ttft()).isNaN();
  }

  @Test
  void showsWhichObjectivesWereMissed() {
    PredictedLatencyProducer producer = producer(streaming(1, ""));
    Map<String, String> objectives =
        Map.of("x-llm-d-slo-ttft-ms", "50", "x-llm-d-slo-tpot-ms", "50");
    answer(producer, routed(produced(producer, objectives), 0, -1), "200", 100, 20);

    assertThat(outcomes)
        .singleElement()
        .satisfies(
            outcome -> {
              assertThat(outcome.isTtftMissed()).isTrue();
              assertThat(outcome.isTpotMissed()).isFalse();
              assertThat(outcome.predictedTtft()).isNaN();
            });
  }

  @Test
  void showsWhatEachEndpointIsAnswering() {
    PredictedLatencyProducer producer = producer(streaming(1, ""));
    SchedulingCycle cycle = cycle(Map.of());
    EndpointId first = cycle.candidates().get(0).endpoint().id();
    EndpointId second = cycle.candidates().get(1).endpoint().id();
    for (String objective : List.of("50", "40")) {
      producer.onRouted(
          routed(produced(producer, Map.of("x-llm-d-slo-tpot-ms", objective)), 1, -1));
    }

    assertThat(producer.running())
        .containsExactlyInAnyOrder(
            new PredictedLatencyProducer.Load(first, 0, 0),
            new PredictedLatencyProducer.Load(second, 2, 40));
  }

  @Test
  void mayLearnWithoutPredicting() {
    PredictedLatencyProducer producer =
        producer(
            new PredictedLatencyParameters(1, 1, true, "", false, "", "", "", false, 1_000, 0));
    for (int i = 0; i < 20; i++) {
      serve(producer, 0, 100, 20);
    }

    SchedulingCycle cycle = produced(producer, Map.of());
    assertThat(cycle.facts().get(LatencyPredictions.keyOrDefault(""))).isNull();
    assertThat(learned.of(cycle.candidates().get(0).endpoint().id())).isNotNull();
  }

  @Test
  void parametersOfNoEffectAreNamed() {
    assertThat(
            new PredictedLatencyParameters(1, 1, true, "", true, "", "", "", true, 5, 7)
                .deprecations())
        .hasSize(2);
    assertThat(PredictedLatencyParameters.DEFAULT.deprecations()).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> streaming(0, ""))
        .withMessage("sloBufferFactor must be above 0, was 0.0");
  }

  @Test
  void showsWhatServersPredictAndTeachesThemWhatWasObserved() throws InterruptedException {
    servers = new FakeLatencyServers(new Times(70, 7));
    PredictedLatencyProducer producer = producer(streaming(1, ""));

    SchedulingCycle cycle = cycle(Map.of("x-llm-d-slo-ttft-ms", "100"));
    Produced.Later later = (Produced.Later) producer.produce(cycle);
    cycle.facts().putAll(later.rest().await());

    Prediction predicted = Objects.requireNonNull(prediction(cycle, 1));
    assertThat(predicted.ttftMillis()).isEqualTo(70);
    assertThat(predicted.tpotMillis()).isEqualTo(7);
    assertThat(predicted.ttftHeadroomMillis()).isEqualTo(30);
    answer(producer, routed(cycle, 1, -1), "200", 80, 8);
    assertThat(outcomes).extracting(Outcome::predictedTtft).containsExactly(70.0);
    assertThat(servers.observed()).containsExactly(new Times(80, 0), new Times(0, 8));
    assertThat(inProcess).hasValue(0);
    producer.close();
    assertThat(servers.isClosed()).isTrue();
  }

  @Test
  void predictsInProcessWhileServersDoNotAnswer() throws InterruptedException {
    servers = new FakeLatencyServers(null);
    PredictedLatencyProducer producer = producer(streaming(1, ""));
    for (int i = 0; i < 40; i++) {
      serve(producer, 0, 100, 20);
    }

    SchedulingCycle cycle = cycle(Map.of());
    Produced.Later later = (Produced.Later) producer.produce(cycle);
    cycle.facts().putAll(later.rest().await());

    assertThat(Objects.requireNonNull(prediction(cycle, 0)).ttftMillis())
        .isCloseTo(100, within(10.0));
    assertThat(inProcess).hasValue(1);
  }

  @Test
  void waitsForNoServerThatKeepsFailing() {
    servers = new FakeLatencyServers(new Times(1, 1));
    servers.giveUp();
    PredictedLatencyProducer producer = producer(streaming(1, ""));

    assertThat(producer.produce(cycle(Map.of()))).isSameAs(Produced.NOW);
    assertThat(inProcess).hasValue(1);
  }
}
