package ai.llmd.epp.application.parsing;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.request.RequestHeaders;
import java.util.List;

/** Understands the bodies of one family of APIs. Stateless; any thread. */
public interface RequestParser extends Plugin {

  /**
   * Path suffixes that the parser claims, without slashes at the ends; none makes it a fallback.
   */
  List<String> pathSuffixes();

  /**
   * Whether a path is the parser's own with whatever in front of its suffix, as long as that ends
   * with a slash. Otherwise nothing, or the version {@code /v1}, may stand there; of other paths it
   * reads the bodies that turn out to be its own.
   */
  default boolean ownsEveryPrefix() {
    return false;
  }

  /**
   * Whether the suffixes are methods of gRPC services whose package is left open: a path is the
   * parser's own with any package in front of the service's name.
   */
  default boolean ownsEveryPackage() {
    return false;
  }

  /**
   * Application protocols it supports ({@code kubernetes.io/h2c}, {@code http}); none means any.
   */
  List<String> protocols();

  /** Whether a parsed body's model can be replaced. */
  boolean canRewriteModel();

  /**
   * Reads a request body. The array is kept by the result's views and must not change.
   *
   * @param path request path without query
   * @param headers for parsers that read more than the body
   * @param length bytes of the body, from the start of the array
   */
  ParseOutcome parse(String path, RequestHeaders headers, byte[] body, int length);

  /** Reads usage out of the response to a request that this parser has read. */
  UsageReader usageReader(boolean isEventStream);
}
