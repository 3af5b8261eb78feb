package ai.llmd.epp.adapter.tokenizers;

import ai.llmd.epp.application.port.out.PromptTokenizer;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.json.JsonQuote;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Has vLLM render prompts: {@code vllm serve} with its render paths, or {@code vllm launch render}.
 * What is sent is the client's own body, to the byte, but for the model where that was rewritten
 * and for what the settings add. A body that is converted names the model of the settings.
 */
public final class VllmTokenizer implements PromptTokenizer {

  static final String CHAT = "/v1/chat/completions/render";

  private static final String COMPLETIONS = "/v1/completions/render";
  private static final String MESSAGES = "/v1/messages/render";
  private static final String RESPONSES = "/v1/responses/render";
  private static final Duration MAX_CONNECT = Duration.ofSeconds(2);

  private final RenderSettings settings;
  private final RenderCalls calls;
  private final NativePath messages;
  private final NativePath responses;

  /**
   * @param renderers where they are now, without a path and without a slash at the end
   * @param nanos the time, in the manner of {@link System#nanoTime}
   * @throws IllegalArgumentException if the TLS files cannot be used
   */
  public VllmTokenizer(
      RenderSettings settings, Supplier<List<URI>> renderers, RenderTls tls, LongSupplier nanos) {
    this.settings = settings;
    this.calls = new RenderCalls(renderers, tls, settings.attemptTimeout(), MAX_CONNECT, nanos);
    String model = "{\"model\":" + JsonQuote.quoted(settings.modelName());
    String turn = "[{\"role\":\"user\",\"content\":\"probe\"}]}";
    String chat = model + ",\"messages\":" + turn;
    this.messages =
        new NativePath(
            calls,
            settings.messages(),
            MESSAGES,
            model + ",\"max_tokens\":1,\"messages\":" + turn,
            chat,
            Set.of(404, 405));
    this.responses =
        new NativePath(
            calls,
            settings.responses(),
            RESPONSES,
            model + ",\"input\":\"probe\"}",
            chat,
            Set.of(404, 405, 501));
  }

  @Override
  public boolean reads(ApiKind api) {
    return switch (api) {
      case CHAT_COMPLETIONS, COMPLETIONS, MESSAGES, RESPONSES -> true;
      default -> false;
    };
  }

  @Override
  public Duration limit(ApiKind api) {
    return api == ApiKind.COMPLETIONS ? settings.timeout() : settings.longest();
  }

  @Override
  public List<Tokens> tokenize(Asked asked) throws InterruptedException {
    return switch (asked.api()) {
      case COMPLETIONS -> render(COMPLETIONS, own(asked, false), asked);
      case CHAT_COMPLETIONS -> render(CHAT, own(asked, true), asked);
      case MESSAGES ->
          isNative(messages, asked)
              ? render(MESSAGES, own(asked, true), asked)
              : render(
                  CHAT, adjusted(LegacyMessages.toChat(asked.body(), settings.modelName())), asked);
      case RESPONSES ->
          isNative(responses, asked)
              ? render(RESPONSES, own(asked, true), asked)
              : render(
                  CHAT,
                  adjusted(LegacyResponses.toChat(asked.body(), settings.modelName())),
                  asked);
      default -> throw new WithoutResultException("cannot render this API");
    };
  }

  private boolean isNative(NativePath path, Asked asked) throws InterruptedException {
    return path.isUsed(asked.authorization(), limit(asked.api()));
  }

  /** The client's body. */
  private byte[] own(Asked asked, boolean mayHaveMedia) {
    RenderedCopy copy = RenderedCopy.of(asked.body());
    if (!asked.model().isEmpty() && !asked.model().equals(asked.incomingModel())) {
      copy.set("model", JsonQuote.quoted(asked.model()));
    }
    return adjust(copy, mayHaveMedia).bytes();
  }

  private byte[] adjusted(byte[] chat) {
    return adjust(RenderedCopy.of(chat), true).bytes();
  }

  private RenderedCopy adjust(RenderedCopy copy, boolean mayHaveMedia) {
    if (settings.omitsMediaTensors() && mayHaveMedia) {
      copy.set("return_mm_kwargs", "false");
    }
    // what is cut off to leave room for the answer depends on how long that may be
    if (settings.isPrefillOnly() && !copy.has("truncate_prompt_tokens")) {
      copy.set("max_tokens", "1");
      if (copy.integer("max_completion_tokens", 1) > 1) {
        copy.replace("max_completion_tokens", "1");
      }
      if (copy.has("min_tokens")) {
        copy.replace("min_tokens", "0");
      }
    }
    return copy;
  }

  private List<Tokens> render(String path, byte[] json, Asked asked) throws InterruptedException {
    RenderCalls.Answer answer = calls.post(path, json, asked.authorization(), limit(asked.api()));
    if (!answer.isGood()) {
      throw new WithoutResultException("was answered " + answer.status() + " by " + path);
    }
    return RenderAnswer.read(answer.body());
  }

  @Override
  public void close() {
    calls.close();
  }
}
