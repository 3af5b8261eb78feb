package ai.llmd.epp.adapter.extproc;

import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.ProtocolConfiguration;
import org.jspecify.annotations.Nullable;

/** How Envoy sends the bodies of one stream, as the stream's first message declares. */
record BodyModes(ForRequest request, ForResponse response) {

  /** The default for a gateway that declares no mode. */
  static final BodyModes DUPLEX = new BodyModes(ForRequest.DUPLEX, ForResponse.DUPLEX);

  enum ForRequest {
    /** In chunks, answered in chunks when the body is complete. */
    DUPLEX,
    /** In one message, after the headers were answered. */
    BUFFERED,
    /** Not at all. */
    NONE,
    /** After the headers were answered and piecewise: too late to route by. */
    UNSERVED
  }

  enum ForResponse {
    /** In chunks, answered in chunks at any time. */
    DUPLEX,
    /** In chunks, one answer for each. */
    STREAMED,
    /** In one message, the headers waiting for its answer. */
    BUFFERED,
    /** Not at all: the stream's end is the response's end. */
    NONE
  }

  /**
   * How a tunnel's bytes pass. Envoy would collect a buffered body until the connection ends, so it
   * is asked to keep those bytes to itself.
   */
  BodyModes ofTunnel() {
    return request == ForRequest.BUFFERED || response == ForResponse.BUFFERED
        ? new BodyModes(ForRequest.NONE, ForResponse.NONE)
        : this;
  }

  static BodyModes of(@Nullable ProtocolConfiguration protocol) {
    if (protocol == null) {
      return DUPLEX;
    }
    return new BodyModes(
        forRequest(protocol.getRequestBodyMode()), forResponse(protocol.getResponseBodyMode()));
  }

  private static ForRequest forRequest(BodySendMode mode) {
    return switch (mode) {
      case FULL_DUPLEX_STREAMED -> ForRequest.DUPLEX;
      case BUFFERED -> ForRequest.BUFFERED;
      case NONE -> ForRequest.NONE;
      case STREAMED, BUFFERED_PARTIAL, UNRECOGNIZED -> ForRequest.UNSERVED;
    };
  }

  private static ForResponse forResponse(BodySendMode mode) {
    return switch (mode) {
      case FULL_DUPLEX_STREAMED -> ForResponse.DUPLEX;
      case NONE -> ForResponse.NONE;
      case BUFFERED -> ForResponse.BUFFERED;
      case STREAMED, BUFFERED_PARTIAL, UNRECOGNIZED -> ForResponse.STREAMED;
    };
  }
}
