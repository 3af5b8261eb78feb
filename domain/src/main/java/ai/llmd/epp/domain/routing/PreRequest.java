package ai.llmd.epp.domain.routing;

import ai.llmd.epp.domain.catalogue.Plugin;
import org.jspecify.annotations.Nullable;

/**
 * Acts on a decision before the request leaves: records a prefix, counts a request in flight,
 * writes a header. Every such plugin runs, in configuration order, even when another failed.
 */
public interface PreRequest extends Plugin {

  /**
   * Acts on a decision before the answer leaves.
   *
   * @return follows the response, or null when the plugin does not care
   * @throws RequestRefused refuses the request for the reason given
   * @throws RuntimeException refuses the request with status 500 and the exception's message
   */
  @Nullable ResponseObserver onRouted(RoutedRequest routed);
}
