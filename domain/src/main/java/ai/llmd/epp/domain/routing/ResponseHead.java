package ai.llmd.epp.domain.routing;

import org.jspecify.annotations.Nullable;

/** The headers of a response on their way to the client. Belongs to the stream's thread. */
public interface ResponseHead {

  /** A header of the response, or null. */
  @Nullable String header(String lowerCaseName);

  /** A string from the gateway's metadata of the response phase, or null. */
  @Nullable String metadata(String namespace, String key);

  /** Whether the gateway sent any metadata under this namespace. */
  boolean hasMetadata(String namespace);

  /** Sets a header that the client will see; system-owned names are dropped. */
  void set(String name, String value);
}
