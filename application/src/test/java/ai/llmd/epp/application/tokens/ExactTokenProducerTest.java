package ai.llmd.epp.application.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.port.out.PromptTokenizer;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.producer.TokenProducer;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.request.Utf8Text;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExactTokenProducerTest {

  private final Letters tokenizer = new Letters();
  private final ExactTokenProducer producer =
      new ExactTokenProducer(
          "token-producer",
          tokenizer,
          new PoolObserver() {},
          new TokenProducer(TokenProducer.Parameters.DEFAULT)::tokenize,
          1 << 20,
          7);

  @Test
  void waitsForATokenizerOnceAndKnowsTheSameBodyThen() throws InterruptedException {
    assertThat(ids(later(chat("m", "abc")))).containsExactly('a', 'b', 'c');
    Facts facts = new Facts();
    assertThat(producer.produce(chat("m", "abc"), facts)).isEqualTo(Produced.NOW);
    assertThat(ids(facts)).containsExactly('a', 'b', 'c');
    assertThat(tokenizer.asked).containsExactly("CHAT_COMPLETIONS m abc Bearer t");
  }

  @Test
  void distinguishesModelsApisAndBodies() throws InterruptedException {
    later(chat("m", "abc"));
    later(chat("n", "abc"));
    later(chat("m", "abd"));
    later(request(ApiKind.MESSAGES, "m", "abc"));
    assertThat(tokenizer.asked).hasSize(4);
  }

  @Test
  void takesTokensThatARequestBrings() {
    Facts facts = new Facts();
    Prompt prompt = new Prompt(List.of(new PromptPiece.TokenIds(new int[] {5, 6})));
    assertThat(producer.produce(request(ApiKind.GENERATE, "m", "x", prompt), facts))
        .isEqualTo(Produced.NOW);
    assertThat(ids(facts)).containsExactly(5, 6);
    assertThat(tokenizer.asked).isEmpty();
  }

  @Test
  void findsNothingWhereTheTokenizerCannotRead() {
    Facts facts = new Facts();
    assertThat(producer.produce(request(ApiKind.EMBEDDINGS, "m", "x"), facts))
        .isEqualTo(Produced.NOW);
    assertThat(producer.produce(chat("m", ""), facts)).isEqualTo(Produced.NOW);
    assertThat(facts.get(TokenizedPrompt.KEY)).isNull();
  }

  @Test
  void asksForNothingOfAGrpcMessageButTakesItsTokens() {
    for (String message :
        List.of("\u0000\u0000\u0000\u0000\u0003abc", "\u0001\u0000\u0000\u0000\u0000")) {
      for (ApiKind api :
          List.of(ApiKind.COMPLETIONS, ApiKind.CHAT_COMPLETIONS, ApiKind.RESPONSES)) {
        Facts facts = new Facts();
        Prompt text = new Prompt(List.of(new PromptPiece.Text(Utf8Text.of("abc"))));
        assertThat(producer.produce(request(api, "m", message, text), facts))
            .isEqualTo(Produced.NOW);
        assertThat(facts.get(TokenizedPrompt.KEY)).isNull();
      }
      Facts facts = new Facts();
      Prompt tokens = new Prompt(List.of(new PromptPiece.TokenIds(new int[] {5, 6})));
      producer.produce(request(ApiKind.COMPLETIONS, "", message, tokens), facts);
      assertThat(ids(facts)).containsExactly(5, 6);
    }
    assertThat(tokenizer.asked).isEmpty();
  }

  @Test
  void leavesTokensThatAreThere() {
    Facts facts = new Facts();
    facts.put(TokenizedPrompt.KEY, new ExactPrompt(List.of(), ""));
    assertThat(producer.produce(chat("m", "abc"), facts)).isEqualTo(Produced.NOW);
  }

  @Test
  void equalPromptsWaitTogether() throws Exception {
    tokenizer.gate = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Facts>> waiting =
          List.of(
              threads.submit(() -> later(chat("m", "abc"))),
              threads.submit(() -> later(chat("m", "abc"))),
              threads.submit(() -> later(chat("m", "abc"))));
      await().until(() -> !tokenizer.asked.isEmpty());
      tokenizer.gate.countDown();
      for (Future<Facts> each : waiting) {
        assertThat(ids(each.get())).hasSize(3);
      }
    }
    assertThat(tokenizer.asked).hasSize(1);
  }

  @Test
  void oneThatLeavesDoesNotEndTheLookUpOfOthers() throws Exception {
    tokenizer.gate = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Facts> first = threads.submit(() -> later(chat("m", "abc")));
      await().until(() -> !tokenizer.asked.isEmpty());
      CountDownLatch isComing = new CountDownLatch(1);
      Future<Facts> second =
          threads.submit(
              () -> {
                isComing.countDown();
                return later(chat("m", "abc"));
              });
      isComing.await();
      first.cancel(true);
      tokenizer.gate.countDown();
      assertThat(ids(second.get())).hasSize(3);
    }
  }

  @Test
  void aLookUpThatIsNotWaitedForEnds() throws Exception {
    tokenizer.gate = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Facts> only = threads.submit(() -> later(chat("m", "abc")));
      await().until(() -> !tokenizer.asked.isEmpty());
      only.cancel(true);
      tokenizer.interrupted.get();
    }
  }

  @Test
  void givesTheReasonForNoTokensAndAsksAgainNextTime() throws InterruptedException {
    tokenizer.failure = new WithoutResultException("was answered 500");
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> later(chat("m", "abc")))
          .isInstanceOf(WithoutResultException.class)
          .hasMessage("was answered 500");
    }
    tokenizer.failure = null;
    assertThat(ids(later(chat("m", "abc")))).hasSize(3);
    assertThat(tokenizer.asked).hasSize(3);
  }

  @Test
  void refusesMoreLookUpsAtOnceThanItsBound() throws Exception {
    tokenizer.gate = new CountDownLatch(1);
    List<Future<Facts>> lookUps = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < TokenFlights.MAX_FLIGHTS; i++) {
        InferenceRequest request = chat("m", "abc" + i);
        lookUps.add(threads.submit(() -> later(request)));
      }
      await().until(() -> tokenizer.asked.size() == TokenFlights.MAX_FLIGHTS);
      assertThatThrownBy(() -> later(chat("m", "abc"))).hasMessageContaining("too many prompts");
      tokenizer.gate.countDown();
      for (Future<Facts> lookUp : lookUps) {
        assertThat(ids(lookUp.get())).isNotEmpty();
      }
    }
    assertThat(ids(later(chat("m", "abc")))).hasSize(3);
  }

  @Test
  void keepsNoMoreTokensThanItsBound() throws InterruptedException {
    for (int i = 0; i < 2_000; i++) {
      later(chat("m", i + "x".repeat(1000)));
    }
    int before = tokenizer.asked.size();
    later(chat("m", 1_999 + "x".repeat(1000)));
    assertThat(tokenizer.asked).hasSize(before); // the latest
    later(chat("m", 0 + "x".repeat(1000)));
    assertThat(tokenizer.asked).hasSize(before + 1); // the oldest
  }

  private Facts later(InferenceRequest request) throws InterruptedException {
    Facts facts = new Facts();
    Produced produced = producer.produce(request, facts);
    if (produced instanceof Produced.Later later) {
      assertThat(later.budget()).isEqualTo(Duration.ofSeconds(5));
      return later.rest().await();
    }
    return facts;
  }

  private static int[] ids(Facts facts) {
    TokenizedPrompt prompt = Objects.requireNonNull(facts.get(TokenizedPrompt.KEY));
    var bytes = new ByteArrayOutputStream();
    prompt.writeTokens(0, bytes::write);
    int[] ids = new int[prompt.tokens(0)];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = bytes.toByteArray()[4 * i];
    }
    assertThat(bytes.size()).isEqualTo(4 * ids.length);
    return ids;
  }

  private static InferenceRequest chat(String model, String body) {
    return request(ApiKind.CHAT_COMPLETIONS, model, body);
  }

  private static InferenceRequest request(
      ApiKind api, String model, String body, Prompt... prompts) {
    RequestHeaders headers = name -> name.equals("authorization") ? "Bearer t" : null;
    return new InferenceRequest(
        new ReceivedRequest(
            "id",
            headers,
            new ReceivedBody(api, "m", true, false, -1, List.of(prompts), "", 0, Utf8Text.of(body)),
            RoutingHints.NONE),
        model,
        0,
        "");
  }

  /** Each letter of the body is a token. */
  private static final class Letters implements PromptTokenizer {

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile @Nullable RuntimeException failure;

    @Override
    public boolean reads(ApiKind api) {
      return api != ApiKind.EMBEDDINGS;
    }

    @Override
    public Duration limit(ApiKind api) {
      return Duration.ofSeconds(5);
    }

    @Override
    public List<Tokens> tokenize(Asked request) throws InterruptedException {
      String body = new String(request.body(), StandardCharsets.UTF_8);
      asked.add(request.api() + " " + request.model() + " " + body + " " + request.authorization());
      try {
        gate.await();
      } catch (InterruptedException e) {
        interrupted.complete(true);
        throw e;
      }
      RuntimeException thrown = failure;
      if (thrown != null) {
        throw thrown;
      }
      return List.of(new Tokens(body.chars().toArray(), List.of()));
    }

    @Override
    public void close() {
      interrupted.complete(false);
    }
  }
}
