package ai.llmd.epp.adapter.extproc.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** What a peer writes. */
final class FramesWritten {

  private final ByteBuf bytes = Unpooled.buffer();
  private final DefaultHttp2HeadersEncoder headers = new DefaultHttp2HeadersEncoder();

  /** The preface, and settings without any. */
  static FramesWritten begun() {
    FramesWritten written = new FramesWritten();
    written.bytes.writeCharSequence("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII);
    return written.frame(Frames.SETTINGS, 0, 0, "");
  }

  /** Behind the beginning. */
  static FramesWritten more() {
    return new FramesWritten();
  }

  /**
   * @param payload in hexadecimal digits
   */
  FramesWritten frame(int type, int flags, int stream, String payload) {
    return frame(type, flags, stream, HexFormat.of().parseHex(payload.replace(" ", "")));
  }

  FramesWritten frame(int type, int flags, int stream, byte[] payload) {
    bytes.writeMedium(payload.length).writeByte(type).writeByte(flags).writeInt(stream);
    bytes.writeBytes(payload);
    return this;
  }

  /** A call begins. */
  FramesWritten call(int stream, int flags) {
    return headers(stream, flags, of(EchoHost.PATH));
  }

  static Http2Headers of(String path) {
    return new DefaultHttp2Headers()
        .method("POST")
        .scheme("http")
        .path(path)
        .set("content-type", "application/grpc")
        .set("te", "trailers");
  }

  FramesWritten headers(int stream, int flags, Http2Headers all) {
    return frame(Frames.HEADERS, flags | Frames.END_HEADERS, stream, block(stream, all));
  }

  byte[] block(int stream, Http2Headers all) {
    ByteBuf block = Unpooled.buffer();
    try {
      headers.encodeHeaders(stream, all, block);
    } catch (Http2Exception e) {
      throw new IllegalArgumentException(e);
    }
    byte[] copy = new byte[block.readableBytes()];
    block.readBytes(copy);
    return copy;
  }

  /** A message, in a frame of its own. */
  FramesWritten message(int stream, int flags, String text) {
    return frame(Frames.DATA, flags, stream, message(text));
  }

  static byte[] message(String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    ByteBuf message = Unpooled.buffer().writeByte(0).writeInt(body.length).writeBytes(body);
    byte[] copy = new byte[message.readableBytes()];
    message.readBytes(copy);
    return copy;
  }

  byte[] bytes() {
    byte[] copy = new byte[bytes.readableBytes()];
    bytes.getBytes(0, copy);
    return copy;
  }
}
