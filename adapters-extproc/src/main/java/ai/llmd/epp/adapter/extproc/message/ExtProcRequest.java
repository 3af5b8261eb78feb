package ai.llmd.epp.adapter.extproc.message;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.service.ext_proc.v3.ProtocolConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * A message from Envoy: {@code ProcessingRequest}, as far as a picker reads it.
 *
 * @param headers empty unless the message brings some
 * @param body empty unless the message brings a piece of one
 * @param endsStream whether nothing follows the headers or the piece of body
 * @param metadata set by other filters of the gateway
 * @param protocol how bodies are sent; in a stream's first message, from newer gateways
 */
public record ExtProcRequest(
    Kind kind,
    HeaderLines headers,
    ByteString body,
    boolean endsStream,
    Metadata metadata,
    @Nullable ProtocolConfiguration protocol) {

  /** What the message brings. */
  public enum Kind {
    REQUEST_HEADERS,
    REQUEST_BODY,
    REQUEST_TRAILERS,
    RESPONSE_HEADERS,
    RESPONSE_BODY,
    RESPONSE_TRAILERS,
    NOTHING,
    /** It cannot be read, and nothing behind it makes sense. */
    MALFORMED
  }

  /** Stands for a message that cannot be read. */
  static final ExtProcRequest UNREADABLE = chunk(Kind.MALFORMED, ByteString.EMPTY, false);

  static ExtProcRequest chunk(Kind kind, ByteString body, boolean endsStream) {
    return new ExtProcRequest(
        kind, HeaderLines.NONE, body, endsStream, Metadata.getDefaultInstance(), null);
  }
}
