package ai.llmd.epp.adapter.tokenizers;

import ai.llmd.epp.application.port.out.PromptTokenizer;
import ai.llmd.epp.application.port.out.PromptTokenizers;
import java.net.URI;
import java.util.List;
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
    List<URI> renderers = List.of(renderer(settings.url()));
    return new VllmTokenizer(
        new RenderSettings(
            settings.modelName(),
            settings.timeout(),
            settings.mmTimeout(),
            null,
            RenderMode.named(settings.messagesMode()),
            RenderMode.named(settings.responsesMode()),
            settings.isPrefillOnly(),
            settings.omitsMediaTensors()),
        () -> renderers,
        new RenderTls(
            settings.caCertPath(),
            settings.clientCertPath(),
            settings.clientKeyPath(),
            settings.isUnverified()),
        nanos);
  }

  private static URI renderer(String url) {
    URI renderer = URI.create(url);
    boolean isHttp = "http".equals(renderer.getScheme()) || "https".equals(renderer.getScheme());
    if (!isHttp || renderer.getHost() == null || renderer.getQuery() != null) {
      throw new IllegalArgumentException("url must be http(s)://host[:port][/path], was " + url);
    }
    return renderer;
  }
}
