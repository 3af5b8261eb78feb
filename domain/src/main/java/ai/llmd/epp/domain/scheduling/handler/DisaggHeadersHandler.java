package ai.llmd.epp.domain.scheduling.handler;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import org.jspecify.annotations.Nullable;

/**
 * Writes the headers about prefill and encode endpoints for a profile handler that does not write
 * them itself. {@link DisaggProfileHandler} does.
 */
public final class DisaggHeadersHandler implements PreRequest {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
              "disagg-headers-handler",
              new Parameters("prefill", "encode"),
              DisaggHeadersHandler::new)
          .deprecatedFor(DisaggProfileHandler.NAME);

  /** The same under an older name. */
  public static final PluginType<Parameters> DEPRECATED_TYPE =
      TYPE.deprecatedAlias("prefill-header-handler").deprecatedFor(DisaggProfileHandler.NAME);

  /**
   * Whose picks the headers show.
   *
   * @param prefillProfile name of the profile that picks the prefill endpoint
   * @param encodeProfile name of the profile that picks encode endpoints
   */
  public record Parameters(String prefillProfile, String encodeProfile) {}

  private final StageHeaders headers;

  public DisaggHeadersHandler(Parameters parameters) {
    this.headers = new StageHeaders(parameters.prefillProfile(), parameters.encodeProfile());
  }

  @Override
  public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
    headers.write(routed);
    return null;
  }
}
