package ai.llmd.epp.application.producer;

import static ai.llmd.epp.application.producer.Requests.cycle;
import static ai.llmd.epp.application.producer.Requests.endpoint;
import static ai.llmd.epp.application.producer.Requests.reporting;
import static ai.llmd.epp.application.producer.Requests.request;
import static ai.llmd.epp.application.producer.Requests.result;
import static ai.llmd.epp.application.producer.Requests.routed;
import static ai.llmd.epp.application.producer.Requests.tokens;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.producer.ApproxPrefixCacheProducer.Parameters;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.routing.FakeResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ApproxPrefixCacheProducerTest {

  private static final String NAME = "approx";

  private final SharedState state = new SharedState(SharedState.Budget.DEFAULT);
  private final PrefixRecorder recorder =
      new PrefixRecorder(
          PrefixRecorder.DEFAULT_WAITING_BLOCKS,
          failure -> {
            throw failure;
          });
  private final Observed observed = new Observed();
  private final ApproxPrefixCacheProducer producer =
      new ApproxPrefixCacheProducer(
          NAME, Parameters.DEFAULT, state, recorder, LocalChanges.NONE, observed);
  private final EndpointState a = endpoint(0);
  private final EndpointState b = endpoint(1);

  ApproxPrefixCacheProducerTest() {
    producer.added(a);
    producer.added(b);
    recorder.start();
  }

  @AfterEach
  void close() {
    recorder.close();
  }

  @Test
  void recordsWhereARequestWentAndMatchesTheNextOne() throws InterruptedException {
    send(prompt(1, 3), a);
    PrefixMatches matches = matches(produce(request(prompt(1, 3)), a, b));
    assertThat(matches.matchedBlocks(0)).isEqualTo(3);
    assertThat(matches.cachedBlocks(0)).isEqualTo(3);
    assertThat(matches.matchedBlocks(1)).isZero();
    assertThat(matches.totalBlocks(1)).isEqualTo(3);
    assertThat(matches.blockTokens(1)).isEqualTo(64);
  }

  @Test
  void sumsOverPrompts() throws InterruptedException {
    send(prompt(1, 3), a);
    PrefixMatches matches = matches(produce(request(prompt(1, 2), prompt(2, 4), prompt(1, 3)), a));
    assertThat(matches.matchedBlocks(0)).isEqualTo(5);
    assertThat(matches.totalBlocks(0)).isEqualTo(9);
  }

  @Test
  void seedsTheBlocksWithModelAndSalt() throws InterruptedException {
    send(prompt(1, 3), a);
    assertThat(matches(produce(named("m", "salt"), a)).matchedBlocks(0)).isZero();
    assertThat(matches(produce(named("other", ""), a)).matchedBlocks(0)).isZero();
    assertThat(matches(produce(named("m", ""), a)).matchedBlocks(0)).isEqualTo(3);
  }

  @Test
  void knowsThatARequestWithoutTokensMatchesNothing() {
    SchedulingCycle cycle = produce(request(), a, b);
    assertThat(matches(cycle).isKnown(0)).isTrue();
    assertThat(matches(cycle).totalBlocks(0)).isZero();
    producer.onRouted(routed(cycle, a));
    assertThat(observed.hits).containsExactly("0/0*64");
    assertThat(observed.indexedBlocks().getAsLong()).isZero();
  }

  private void answer(ResponseObserver observer, Map<String, String> headers)
      throws InterruptedException {
    observer.onHeaders(FakeResponseHead.of(headers));
    quiet();
  }

  private ResponseObserver sent(Prompt prompt, EndpointState to) {
    return Objects.requireNonNull(producer.onRouted(routed(produce(request(prompt), a, b), to)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"502", "503"})
  void takesBackWhatARequestTaughtThatNeverArrived(String status) throws InterruptedException {
    send(prompt(1, 2), a);
    answer(sent(prompt(1, 4), a), Map.of(":status", status));
    assertThat(blocks(0)).isEqualTo(2);
    answer(sent(prompt(2, 3), b), Map.of(":status", status));
    assertThat(blocks(1)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"200", "400", "429", "500", "504"})
  void keepsWhatArrived(String status) throws InterruptedException {
    answer(sent(prompt(1, 4), a), Map.of(":status", status));
    assertThat(blocks(0)).isEqualTo(4);
  }

  @Test
  void keepsWhatTheServerItselfRefused() throws InterruptedException {
    answer(sent(prompt(1, 4), a), Map.of(":status", "503", "x-envoy-upstream-service-time", "12"));
    assertThat(blocks(0)).isEqualTo(4);
  }

  @Test
  void takesBackWhatTheRequestTaughtAboutThePrefillEndpoint() throws InterruptedException {
    SchedulingCycle cycle = produce(request(prompt(1, 2)), a, b);
    var results = new ProfileResults();
    results.put("prefill", result(cycle, b));
    results.put("decode", null);
    answer(
        Objects.requireNonNull(producer.onRouted(routed(cycle, results, a))),
        Map.of(":status", "503"));
    assertThat(blocks(0)).isZero();
    assertThat(blocks(1)).isZero();
  }

  @Test
  void recordsThePrefillEndpointToo() throws InterruptedException {
    SchedulingCycle cycle = produce(request(prompt(1, 2)), a, b);
    var results = new ProfileResults();
    results.put("prefill", result(cycle, b));
    results.put("decode", null);
    producer.onRouted(routed(cycle, results, a));
    quiet();
    assertThat(blocks(0)).isEqualTo(2);
    assertThat(blocks(1)).isEqualTo(2);
  }

  @Test
  void recordsTheFirstPickOnly() throws InterruptedException {
    SchedulingCycle cycle = produce(request(prompt(1, 2)), a, b);
    var results = new ProfileResults();
    results.put("prefill", result(cycle, b, a));
    producer.onRouted(routed(cycle, results, b));
    quiet();
    assertThat(blocks(0)).isZero();
    assertThat(blocks(1)).isEqualTo(2);
  }

  @Test
  void takesBlockSizeAndCapacityFromTheServersReports() throws InterruptedException {
    reporting(a, 128, 3);
    send(prompt(1, 10), a);
    assertThat(blocks(0)).isEqualTo(3);
    assertThat(matches(produce(request(prompt(1, 10)), a)).blockTokens(0)).isEqualTo(128);
    reporting(a, 128, 1_000);
    send(prompt(2, 20), a);
    assertThat(blocks(0)).as("fixed when first recorded").isEqualTo(3);
  }

  @Test
  void notifiesTheObserverHowTheChosenEndpointMatched() throws InterruptedException {
    send(prompt(1, 3), a);
    send(prompt(1, 4), a);
    send(prompt(1, 4), b);
    assertThat(observed.hits).containsExactly("0/3*64", "3/4*64", "0/4*64");
    assertThat(observed.producer).isEqualTo("approx approx-prefix-cache-producer");
    assertThat(observed.indexedBlocks().getAsLong()).isEqualTo(8);
  }

  @Test
  void forgetsAnEndpointBeforeItReleasesTheSlot() throws InterruptedException {
    send(prompt(1, 3), a);
    var blocksAtRelease = new AtomicInteger(-1);
    producer.removed(a, () -> blocksAtRelease.set(blocks(0)));
    quiet();
    assertThat(blocksAtRelease).hasValue(0);
  }

  @Test
  void recordsNothingForAnEndpointThatHasGone() throws InterruptedException {
    SchedulingCycle late = produce(request(prompt(1, 3)), a);
    producer.removed(a, () -> {});
    producer.onRouted(routed(late, a));
    producer.added(endpoint(0, 99, "ns/newcomer"));
    producer.onRouted(routed(late, a));
    quiet();
    assertThat(blocks(0)).isZero();
  }

  @Test
  void keepsStateOfAnEndpointWhoseDescriptionChanges() throws InterruptedException {
    send(prompt(1, 3), a);
    producer.changed(a);
    send(prompt(1, 3), a);
    assertThat(blocks(0)).isEqualTo(3);
  }

  @Test
  void recordsNothingWhenItHasNotProduced() throws InterruptedException {
    SchedulingCycle cycle = cycle(request(prompt(1, 3)), a);
    assertThat(producer.onRouted(routed(cycle, a))).isNull();
    quiet();
    assertThat(observed.hits).isEmpty();
    assertThat(blocks(0)).isZero();
  }

  @Test
  void declaresItsFacts() {
    assertThat(producer.requires()).containsExactly(TokenizedPrompt.KEY);
    assertThat(producer.produces()).containsExactly(PrefixMatches.key(NAME));
  }

  private void send(Prompt prompt, EndpointState to) throws InterruptedException {
    producer.onRouted(routed(produce(request(prompt), a, b), to));
    quiet();
  }

  private SchedulingCycle produce(InferenceRequest request, EndpointState... endpoints) {
    SchedulingCycle cycle = cycle(request, endpoints);
    new TokenProducer(TokenProducer.Parameters.DEFAULT).produce(cycle);
    producer.produce(cycle);
    return cycle;
  }

  private void quiet() throws InterruptedException {
    Recorders.drain(recorder);
  }

  private int blocks(int slot) {
    return state.prefixIndex(NAME).blocksOf(slot).length;
  }

  private static PrefixMatches matches(SchedulingCycle cycle) {
    return Objects.requireNonNull(cycle.facts().get(PrefixMatches.key(NAME)));
  }

  private static InferenceRequest named(String model, String salt) {
    return request(model, salt, -1, ApiKind.COMPLETIONS, RequestHeaders.NONE, prompt(1, 3));
  }

  /** So many blocks of 64 tokens; a longer one of the same kind begins with a shorter one. */
  private static Prompt prompt(int kind, int blocks) {
    return tokens(IntStream.range(0, 64 * blocks).map(i -> 100_000 * kind + i).toArray());
  }

  private static final class Observed implements PrefixObserver {

    private final List<String> hits = new ArrayList<>();
    private final List<LongSupplier> sizes = new ArrayList<>();
    private String producer = "";

    @Override
    public Hits producing(String name, String type, LongSupplier indexedBlocks) {
      producer = name + " " + type;
      sizes.add(indexedBlocks);
      return (matched, total, tokens) -> hits.add(matched + "/" + total + "*" + tokens);
    }

    LongSupplier indexedBlocks() {
      return sizes.getFirst();
    }
  }
}
