package ai.llmd.epp.adapter.extproc.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A connection without a network, and what its peer reads: one line for each frame. */
final class Peer implements AutoCloseable {

  final EchoHost host;
  final EmbeddedChannel channel = new EmbeddedChannel();
  private final Connection connection;
  private final DefaultHttp2HeadersDecoder headers = new DefaultHttp2HeadersDecoder();
  private final ByteBuf read = Unpooled.buffer();

  Peer() {
    this(1 << 20);
  }

  /**
   * @param roomBytes for what the connection has to keep
   */
  Peer(long roomBytes) {
    host = new EchoHost(roomBytes);
    connection = new Connection(host);
    channel.freezeTime();
    channel.pipeline().addLast(connection);
  }

  /** Sends frames; returns what comes back. */
  List<String> send(FramesWritten frames) {
    return send(frames.bytes());
  }

  List<String> send(byte[] bytes) {
    ByteBuf in = channel.alloc().directBuffer(Math.max(1, bytes.length)).writeBytes(bytes);
    if (channel.isOpen()) {
      channel.writeInbound(in);
    } else {
      in.release();
    }
    return received();
  }

  /** Sends them in pieces of so many bytes. */
  List<String> send(byte[] bytes, int piece) {
    for (int from = 0; from < bytes.length; from += piece) {
      int length = Math.min(piece, bytes.length - from);
      ByteBuf in = channel.alloc().directBuffer(length).writeBytes(bytes, from, length);
      if (channel.isOpen()) {
        channel.writeInbound(in);
      } else {
        in.release();
      }
    }
    return received();
  }

  /** From here on nothing that is written leaves. */
  void takeNothing() {
    channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void write(ChannelHandlerContext context, Object frames, ChannelPromise end) {
                ReferenceCountUtil.release(frames);
              }
            });
  }

  void goAway() {
    connection.goAwaySoon();
  }

  List<String> after(long seconds) {
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    return received();
  }

  List<String> received() {
    channel.runPendingTasks();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      read.writeBytes(out);
      out.release();
    }
    List<String> frames = new ArrayList<>();
    while (read.isReadable()) {
      int length = read.readUnsignedMedium();
      int type = read.readUnsignedByte();
      int flags = read.readUnsignedByte();
      int stream = read.readInt();
      frames.add(line(type, flags, stream, read.readSlice(length)));
    }
    return frames;
  }

  private String line(int type, int flags, int stream, ByteBuf payload) {
    String end = (flags & Frames.END_STREAM) != 0 ? " end" : "";
    return switch (type) {
      case Frames.DATA -> stream + " data " + text(payload) + end;
      case Frames.HEADERS -> stream + " headers " + headers(stream, payload) + end;
      case Frames.RST_STREAM -> stream + " reset " + payload.readInt();
      case Frames.SETTINGS -> end.isEmpty() ? "settings" : "settings known";
      case Frames.PING -> (end.isEmpty() ? "ping " : "pong ") + payload.readLong();
      case Frames.GOAWAY ->
          "go away %d %d %s"
              .formatted(
                  payload.readInt(), payload.readInt(), payload.toString(StandardCharsets.US_ASCII))
              .strip();
      case Frames.WINDOW_UPDATE -> stream + " window " + payload.readInt();
      default -> "frame " + type;
    };
  }

  /** Of a message that begins here, its text; else that of the piece. */
  private static String text(ByteBuf payload) {
    boolean begins = payload.readableBytes() >= 5 && payload.getByte(payload.readerIndex()) <= 1;
    return payload.skipBytes(begins ? 5 : 0).toString(StandardCharsets.UTF_8);
  }

  private String headers(int stream, ByteBuf block) {
    List<String> all = new ArrayList<>();
    try {
      headers
          .decodeHeaders(stream, block)
          .forEach(header -> all.add(header.getKey() + "=" + header.getValue()));
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
    return String.join(" ", all);
  }

  /** The peer goes; every call is over then. */
  @Override
  public void close() {
    channel.finishAndReleaseAll();
    read.release();
  }
}
