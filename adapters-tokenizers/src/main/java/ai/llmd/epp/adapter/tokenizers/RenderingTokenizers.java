package ai.llmd.epp.adapter.tokenizers;

import ai.llmd.epp.adapter.tokenizers.local.LocalTokenizer;
import ai.llmd.epp.application.port.out.PromptTokenizer;
import ai.llmd.epp.application.port.out.PromptTokenizers;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Tokenizers: vLLM, which renders prompts, or the model's own files. */
public final class RenderingTokenizers implements PromptTokenizers {

  private final LongSupplier nanos;
  private final Supplier<LocalDateTime> now;

  /**
   * @param nanos the time, in the manner of {@link System#nanoTime}
   */
  public RenderingTokenizers(LongSupplier nanos) {
    this(nanos, () -> LocalDateTime.now(ZoneId.systemDefault()));
  }

  /**
   * @param now the time that chat templates find
   */
  public RenderingTokenizers(LongSupplier nanos, Supplier<LocalDateTime> now) {
    this.nanos = nanos;
    this.now = now;
  }

  @Override
  public PromptTokenizer vllm(Vllm settings) {
    return new VllmTokenizer(
        new RenderSettings(
            settings.modelName(),
            settings.timeout(),
            settings.mmTimeout(),
            settings.attemptTimeout(),
            RenderMode.named(settings.messagesMode()),
            RenderMode.named(settings.responsesMode()),
            settings.isPrefillOnly(),
            settings.omitsMediaTensors()),
        settings.renderers(),
        new RenderTls(
            settings.caCertPath(),
            settings.clientCertPath(),
            settings.clientKeyPath(),
            settings.isUnverified()),
        nanos);
  }

  @Override
  public PromptTokenizer local(Local settings) {
    return new LocalTokenizer(
        settings,
        body -> LegacyMessages.toChat(body, ""),
        body -> LegacyResponses.toChat(body, ""),
        now);
  }
}
