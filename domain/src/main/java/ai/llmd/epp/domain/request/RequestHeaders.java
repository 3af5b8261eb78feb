package ai.llmd.epp.domain.request;

import org.jspecify.annotations.Nullable;

/** The request's headers; of a repeated name the last value counts. Read by any thread. */
@FunctionalInterface
public interface RequestHeaders {

  /** No headers at all. */
  RequestHeaders NONE = name -> null;

  /**
   * The value of a header.
   *
   * @param lowerCaseName as in {@code x-request-id}; pseudo headers keep their colon
   * @return null when absent; may be empty
   */
  @Nullable String value(String lowerCaseName);

  /** The current name's value when present (even empty), otherwise the deprecated alias's. */
  default @Nullable String value(String lowerCaseName, String alias) {
    String current = value(lowerCaseName);
    return current != null ? current : value(alias);
  }
}
