package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.proxy.BodyTransform;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The last stage of a call, in one piece or in several. */
final class Decoding {

  private final Decoder decoder;
  private final @Nullable ChunkedDecode chunked; // null when it is off

  Decoding(Decoder decoder, @Nullable ChunkedDecode chunked) {
    this.decoder = decoder;
    this.chunked = chunked;
  }

  /** Whether answers on this path are made in several pieces. */
  boolean isChunked(String path) {
    return chunked != null && path.equals("/v1/chat/completions");
  }

  /**
   * Has the answer made and given to the client.
   *
   * @param transforms what changes an answer that is in one piece
   * @param cached tokens that the prefill server had cached, to be told in the usage of an answer
   *     in several pieces; negative for what the decode server says
   */
  void decode(
      Call call,
      HttpHeaders headers,
      byte[] body,
      Function<HttpResponse, @Nullable BodyTransform> transforms,
      long cached)
      throws CallFailure, LegFailure, InterruptedException {
    boolean isInPieces = isChunked(call.path()) && !decoder.isChosen(call.headers());
    if (!isInPieces || chunked == null || !chunked.decode(call, headers, body, cached)) {
      decoder.decodeWhereChosen(call, headers, body, transforms);
    }
  }
}
