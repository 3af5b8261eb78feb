package ai.llmd.epp.application.tokens;

import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.port.out.PromptTokenizer;
import ai.llmd.epp.application.port.out.PromptTokenizer.Asked;
import ai.llmd.epp.application.port.out.PromptTokenizer.Tokens;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.producer.RequestProducer;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.Utf8Text;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tokens of a request's prompts by the model's own tokenizer, before the request is
 * admitted. What was asked lately is known at once; requests with the same body wait together.
 */
public final class ExactTokenProducer implements RequestProducer, PoolObserver, AutoCloseable {

  /** Stands for tokens that are the model's own, which an estimate's are not. */
  public static final FactKey<TokenizedPrompt> MODEL_TOKENS =
      new FactKey<>("ModelTokens", TokenizedPrompt.DEFAULT_PRODUCER, TokenizedPrompt.class);

  private final PromptTokenizer tokenizer;
  private final PoolObserver renderers;
  private final Function<InferenceRequest, @Nullable TokenizedPrompt> given;
  private final long secret;
  private final FactKey<TokenizedPrompt> declared;
  private final TokenCache cache;
  private final TokenFlights flights = new TokenFlights();

  /**
   * @param name instance name
   * @param renderers is told of the pool's endpoints, by which prompts may be rendered
   * @param given reads requests that bring their tokens along
   * @param maxBytes bound on the tokens that are kept
   * @param secret of the keys under which they are
   */
  public ExactTokenProducer(
      String name,
      PromptTokenizer tokenizer,
      PoolObserver renderers,
      Function<InferenceRequest, @Nullable TokenizedPrompt> given,
      long maxBytes,
      long secret) {
    this.tokenizer = tokenizer;
    this.renderers = renderers;
    this.given = given;
    this.secret = secret;
    this.declared = new FactKey<>(TokenizedPrompt.KEY.dataType(), name, TokenizedPrompt.KEY.type());
    this.cache = new TokenCache(maxBytes);
  }

  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(declared, MODEL_TOKENS);
  }

  @Override
  public Produced produce(InferenceRequest request, Facts facts) {
    if (facts.get(TokenizedPrompt.KEY) != null) {
      return Produced.NOW;
    }
    if (request.api() == ApiKind.GENERATE) {
      put(given.apply(request), facts);
      return Produced.NOW;
    }
    if (!tokenizer.reads(request.api()) || request.rawBody().byteLength() == 0) {
      return Produced.NOW;
    }
    if (RequestBodies.isGrpcMessage(request.rawBody())) { // no renderer could read it
      if (RequestBodies.hasTokens(request)) {
        put(given.apply(request), facts);
      }
      return Produced.NOW;
    }
    TokenKey key = TokenKey.of(request, secret);
    List<Tokens> known = cache.get(key);
    if (known == null) {
      return new Produced.Later(() -> find(key, request), tokenizer.limit(request.api()));
    }
    put(prompt(known, request), facts);
    return Produced.NOW;
  }

  private static void put(@Nullable TokenizedPrompt prompt, Facts facts) {
    if (prompt != null && prompt.totalTokens() > 0) {
      facts.put(TokenizedPrompt.KEY, prompt);
    }
  }

  private static TokenizedPrompt prompt(List<Tokens> tokens, InferenceRequest request) {
    return new ExactPrompt(tokens, request.cacheSalt());
  }

  private Facts find(TokenKey key, InferenceRequest request) throws InterruptedException {
    List<Tokens> tokens =
        flights.await(key, request.rawBody().byteLength(), () -> lookUp(key, request));
    Facts facts = new Facts();
    put(prompt(tokens, request), facts);
    return facts;
  }

  /** Copies what is needed of the request, which may be over before the look-up is. */
  private TokenFlights.Work lookUp(TokenKey key, InferenceRequest request) {
    String authorization = request.headers().value("authorization");
    Asked asked =
        new Asked(
            request.api(),
            request.incomingModel(),
            request.targetModel(),
            copy(request.rawBody()),
            Objects.requireNonNullElse(authorization, ""));
    return () -> {
      List<Tokens> tokens = List.copyOf(tokenizer.tokenize(asked));
      cache.put(key, tokens);
      return tokens;
    };
  }

  private static byte[] copy(Utf8Text text) {
    byte[] copy = new byte[text.byteLength()];
    int[] at = new int[1];
    text.writeTo(
        (bytes, offset, length) -> {
          System.arraycopy(bytes, offset, copy, at[0], length);
          at[0] += length;
        });
    return copy;
  }

  @Override
  public void added(EndpointState endpoint) {
    renderers.added(endpoint);
  }

  @Override
  public void changed(EndpointState endpoint) {
    renderers.changed(endpoint);
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    renderers.removed(endpoint, released);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
