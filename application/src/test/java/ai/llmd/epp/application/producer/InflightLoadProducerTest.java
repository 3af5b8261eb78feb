package ai.llmd.epp.application.producer;

import static ai.llmd.epp.application.producer.Requests.cycle;
import static ai.llmd.epp.application.producer.Requests.endpoint;
import static ai.llmd.epp.application.producer.Requests.request;
import static ai.llmd.epp.application.producer.Requests.result;
import static ai.llmd.epp.application.producer.Requests.routed;
import static ai.llmd.epp.application.producer.Requests.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.application.producer.InflightLoadProducer.Parameters;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.facts.UncachedTokens;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class InflightLoadProducerTest {

  private static final String NAME = "load";
  private static final ResponseSummary ENDED =
      new ResponseSummary(Termination.NATURAL, Usage.NONE, false, 0, 0, -1, 1);

  private final LoadLedger ledger = new LoadLedger();
  private final EndpointState a = endpoint(0);
  private final EndpointState b = endpoint(1);

  @Test
  void countsARequestUntilItsEndAndItsPromptUntilTheFirstBytes() {
    InflightLoadProducer producer = producer(Parameters.DEFAULT);
    SchedulingCycle cycle = produce(producer, 100, -1, null);
    ResponseObserver observer = producer.onRouted(routed(cycle, b));
    assertCounts(1, 1, 100);
    observer.onFirstBytes();
    assertCounts(1, 1, 0);
    observer.onEnd(ENDED);
    observer.onEnd(ENDED);
    assertCounts(1, 0, 0);
  }

  @Test
  void releasesEverythingWhenNoResponseEverComes() {
    InflightLoadProducer producer = producer(Parameters.DEFAULT);
    ResponseObserver observer = producer.onRouted(routed(produce(producer, 100, -1, null), a));
    assertThat(observer.onEnd(ENDED)).isEmpty();
    assertCounts(0, 0, 0);
  }

  @Test
  void publishesTheCountersAsTheyAreWhenTheNextRequestComes() {
    InflightLoadProducer producer = producer(Parameters.DEFAULT);
    producer.onRouted(routed(produce(producer, 100, -1, null), b));
    producer.onRouted(routed(produce(producer, 20, -1, null), b));
    InFlightLoad load =
        Objects.requireNonNull(produce(producer, 1, -1, null).facts().get(InFlightLoad.key(NAME)));
    assertThat(load.requests()).containsExactly(0, 2);
    assertThat(load.tokens()).containsExactly(0, 120);
  }

  @Test
  void releasesThePrefillEndpointWithTheFirstBytes() {
    InflightLoadProducer producer = producer(withOutput(1, null));
    SchedulingCycle cycle = produce(producer, 100, -1, null);
    var results = new ProfileResults();
    results.put("prefill", result(cycle, b, a));
    results.put("encode", null);
    ResponseObserver observer = producer.onRouted(routed(cycle, results, a));
    assertCounts(0, 1, 200);
    assertCounts(1, 1, 200);
    observer.onFirstBytes();
    assertCounts(0, 1, 200);
    assertCounts(1, 0, 0);
    observer.onEnd(ENDED);
    assertCounts(0, 0, 0);
  }

  @Test
  void estimatesOnlyWhatTheEndpointHasNotCached() {
    InflightLoadProducer producer = producer(Parameters.DEFAULT);
    // 4 blocks of 64 were looked at, of 300 tokens; the last 44 lie behind them
    var matches = PrefixMatches.uniform(new int[] {3, 0}, 4, 64);
    SchedulingCycle cycle = produce(producer, 300, -1, matches);
    assertThat(uncached(cycle).tokens()).containsExactly(64 + 44, 256 + 44);
    producer.onRouted(routed(cycle, a));
    assertCounts(0, 1, 108);
  }

  @Test
  void countsAWholePromptWhereTheMatchIsNotKnown() {
    InflightLoadProducer producer = producer(Parameters.DEFAULT);
    var unknown = new PrefixMatches(new int[2], new int[] {-1, 1}, new int[] {64, 0}, new int[2]);
    assertThat(uncached(produce(producer, 300, -1, unknown)).tokens()).containsExactly(300, 300);
  }

  @Test
  void neverEstimatesLessThanNothing() {
    InflightLoadProducer producer = producer(Parameters.DEFAULT);
    var generous = PrefixMatches.uniform(new int[] {9, 5}, 5, 64);
    assertThat(uncached(produce(producer, 300, -1, generous)).tokens()).containsExactly(0, 0);
  }

  @Test
  void addsOutputByRatioWithinBothCaps() {
    assertThat(estimate(withOutput(1.5, null), 101, -1)).isEqualTo(101 + 152);
    assertThat(estimate(withOutput(1.5, null), 101, 10)).isEqualTo(101 + 10);
    assertThat(estimate(withOutput(1.5, 5L), 101, 10)).isEqualTo(101 + 5);
    assertThat(estimate(withOutput(1.5, 50L), 101, 10)).isEqualTo(101 + 10);
    assertThat(estimate(withOutput(0, null), 101, -1)).isEqualTo(101);
    assertThat(estimate(withOutput(1.5, null), 0, -1)).isZero();
    assertThat(estimate(Parameters.DEFAULT, 101, 10)).isEqualTo(101);
  }

  @Test
  void roundsHalfAnOutputTokenUp() {
    assertThat(estimate(withOutput(0.5, null), 1, -1)).isEqualTo(1 + 1);
    assertThat(estimate(withOutput(0.5, null), 3, -1)).isEqualTo(3 + 2);
    assertThat(estimate(withOutput(0.49, null), 1, -1)).isEqualTo(1);
    assertThat(estimate(withOutput(0.5, null), 0, 7)).isZero();
  }

  @Test
  void takesACapOfZeroAtItsWord() {
    assertThat(estimate(withOutput(1.5, null), 101, 0)).isEqualTo(101);
    assertThat(estimate(withOutput(1.5, 0L), 101, -1)).isEqualTo(101);
  }

  @Test
  void staysFarFromOverflowWhateverTheRatio() {
    assertThat(estimate(withOutput(Double.MAX_VALUE, null), 2, -1)).isEqualTo(2 + (1L << 40));
    assertThat(estimate(withOutput(Double.POSITIVE_INFINITY, null), 2, 9)).isEqualTo(2 + 9);
  }

  @Test
  void estimatesOutputFromTheWholePromptEvenWhereItIsCached() {
    InflightLoadProducer producer = producer(withOutput(1, null));
    var matches = PrefixMatches.uniform(new int[] {2, 1}, 2, 64);
    SchedulingCycle cycle = produce(producer, 128, -1, matches);
    assertThat(uncached(cycle).tokens()).containsExactly(128, 64 + 128);
    producer.onRouted(routed(cycle, b));
    assertCounts(1, 1, 192);
  }

  @Test
  void countsAnEndpointOncePerProfileThatPickedIt() {
    InflightLoadProducer producer = producer(Parameters.DEFAULT);
    SchedulingCycle cycle = produce(producer, 10, -1, null);
    var results = new ProfileResults();
    results.put("prefill", result(cycle, a, b));
    ResponseObserver observer = producer.onRouted(routed(cycle, results, a));
    assertCounts(0, 2, 20);
    assertCounts(1, 0, 0);
    observer.onFirstBytes();
    assertCounts(0, 1, 0);
    observer.onEnd(ENDED);
    assertCounts(0, 0, 0);
  }

  @Test
  void readsTheMatchesOfTheProducerThatItsParametersName() {
    var named = new Parameters(false, 1, null, "mine", true);
    SchedulingCycle cycle = produce(producer(named), 64, -1, null);
    cycle.facts().put(PrefixMatches.keyOrDefault(""), PrefixMatches.uniform(new int[2], 2, 64));
    cycle.facts().put(PrefixMatches.key("mine"), PrefixMatches.uniform(new int[] {1, 0}, 1, 64));
    producer(named).produce(cycle);
    assertThat(uncached(cycle).tokens()).containsExactly(0, 64);
  }

  @Test
  void keepsTokensUntilTheEndWhenOutputIsEstimated() {
    InflightLoadProducer producer = producer(withOutput(2, null));
    ResponseObserver observer = producer.onRouted(routed(produce(producer, 10, -1, null), a));
    observer.onFirstBytes();
    assertCounts(0, 1, 30);
    observer.onEnd(ENDED);
    assertCounts(0, 0, 0);
  }

  @Test
  void startsANewcomerAtZeroAndIgnoresWhatComesLate() {
    InflightLoadProducer producer = producer(Parameters.DEFAULT);
    SchedulingCycle cycle = produce(producer, 10, -1, null);
    ResponseObserver before = producer.onRouted(routed(cycle, a));
    var released = new AtomicInteger();
    producer.removed(a, released::incrementAndGet);
    assertThat(released).hasValue(1);
    assertCounts(0, 0, 0);
    producer.onRouted(routed(cycle, a));
    EndpointState newcomer = endpoint(0, 99, "ns/newcomer");
    producer.added(newcomer);
    producer.onRouted(routed(cycle, a));
    assertCounts(0, 0, 0);
    producer.onRouted(routed(cycle(request(), newcomer), newcomer));
    before.onEnd(ENDED);
    assertCounts(0, 1, 0);
  }

  @Test
  void countsForTheLaterLifeOfAnEndpointThatCameBack() {
    InflightLoadProducer producer = producer(Parameters.DEFAULT);
    SchedulingCycle cycle = produce(producer, 10, -1, null);
    producer.onRouted(routed(cycle, a));
    EndpointState reborn = endpoint(0, 99, "ns/p0");
    producer.removed(a, () -> {});
    producer.added(reborn);
    producer.onRouted(routed(cycle, reborn));
    assertCounts(0, 1, 10);
  }

  @Test
  void declaresItsFacts() {
    InflightLoadProducer producer =
        producer(new Parameters(false, 1, null, "precise-prefix-cache-producer", true));
    assertThat(producer.requires()).containsExactly(TokenizedPrompt.KEY);
    assertThat(producer.uses()).containsExactly(PrefixMatches.key("precise-prefix-cache-producer"));
    assertThat(producer.produces())
        .containsExactlyInAnyOrder(InFlightLoad.key(NAME), UncachedTokens.key(NAME));
  }

  @Test
  void refusesNegativeParameters() {
    assertThatThrownBy(() -> withOutput(-0.1, null)).hasMessageContaining("outputRatio");
    assertThatThrownBy(() -> withOutput(Double.NaN, null)).hasMessageContaining("outputRatio");
    assertThatThrownBy(() -> withOutput(1, -1L)).hasMessageContaining("maxEstimatedOutputTokens");
  }

  private InflightLoadProducer producer(Parameters parameters) {
    var producer = new InflightLoadProducer(NAME, parameters, ledger, InFlightObserver.NONE);
    producer.added(a);
    producer.added(b);
    return producer;
  }

  private static Parameters withOutput(double ratio, @Nullable Long cap) {
    return new Parameters(true, ratio, cap, "", true);
  }

  private long estimate(Parameters parameters, int input, long clientCap) {
    return uncached(produce(producer(parameters), input, clientCap, null)).tokens(0);
  }

  private SchedulingCycle produce(
      InflightLoadProducer producer, int input, long clientCap, @Nullable PrefixMatches matches) {
    SchedulingCycle cycle =
        cycle(
            request(
                "m",
                "",
                clientCap,
                ApiKind.CHAT_COMPLETIONS,
                RequestHeaders.NONE,
                tokens(new int[input])),
            a,
            b);
    new TokenProducer(TokenProducer.Parameters.DEFAULT).produce(cycle);
    if (matches != null) {
      cycle.facts().put(PrefixMatches.keyOrDefault(""), matches);
    }
    producer.produce(cycle);
    return cycle;
  }

  private static UncachedTokens uncached(SchedulingCycle cycle) {
    return Objects.requireNonNull(cycle.facts().get(UncachedTokens.key(NAME)));
  }

  private void assertCounts(int slot, long requests, long tokens) {
    assertThat(ledger.inFlight(slot + 1).requests(slot)).isEqualTo(requests);
    assertThat(ledger.inFlight(slot + 1).tokens(slot)).isEqualTo(tokens);
  }
}
