package ai.llmd.epp.adapter.tokenizers;

import ai.llmd.epp.application.port.out.PromptTokenizer;
import ai.llmd.epp.application.port.out.PromptTokenizers;
import java.util.function.LongSupplier;

/** Tokenizers that have prompts rendered by vLLM. */
public final class RenderingTokenizers implements PromptTokenizers {

  private final LongSupplier nanos;

  /**
   * @param nanos the time, in the manner of {@link System#nanoTime}
   */
  public RenderingTokenizers(LongSupplier nanos) {
    this.nanos = nanos;
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
}
