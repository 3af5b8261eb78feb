package ai.llmd.epp.sidecar.edge;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;

/**
 * Reads requests, and refuses those whose length two readers may understand differently: with both
 * a length and chunks, with several lengths, with a line end that is none.
 */
final class StrictRequestDecoder extends HttpRequestDecoder {

  /** Bytes of all headers of a request, and of its first line, at most. */
  static final int MAX_HEADERS = 1 << 20;

  private static final int MAX_CHUNK = 64 << 10; // bytes handed on at once

  StrictRequestDecoder() {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_HEADERS)
            .setMaxHeaderSize(MAX_HEADERS)
            .setMaxChunkSize(MAX_CHUNK)
            .setStrictLineParsing(true)
            .setAllowDuplicateContentLengths(false));
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
  }
}
