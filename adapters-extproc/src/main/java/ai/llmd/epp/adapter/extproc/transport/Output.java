package ai.llmd.epp.adapter.extproc.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers frames, of all streams, and writes them at one go when what was read has been handled.
 * The connection's thread.
 */
final class Output {

  private static final int BATCH_BYTES = 32 << 10;
  private static final int FIRST_BYTES = 4 << 10;

  /** How long a peer may take to take the last frames. */
  private static final long MAX_LAST_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** Frames that answer a peer's, and have not left. */
  private static final int MAX_CONTROLS = 10_000;

  private final ChannelHandlerContext context;
  private @Nullable ByteBuf batch;
  private List<StreamCall<?, ?>> senders = new ArrayList<>();
  private List<StreamCall<?, ?>> spare = new ArrayList<>();
  private int controls;
  private int controlsOnTheirWay;
  private boolean hasWrittenHeaders;
  private boolean isReading;
  private boolean isScheduled;

  Output(ChannelHandlerContext context) {
    this.context = context;
  }

  /** A frame begins; its payload, of that length, belongs behind it at once. */
  ByteBuf frame(int length, int type, int flags, int stream) {
    ByteBuf to = batch;
    if (to == null) {
      to = context.alloc().directBuffer(FIRST_BYTES);
      batch = to;
    } else if (to.readableBytes() > BATCH_BYTES) {
      ChannelFuture _ = context.write(to); // its end is that of the last batch
      to = context.alloc().directBuffer(BATCH_BYTES);
      batch = to;
    }
    if (!isReading && !isScheduled) {
      isScheduled = true;
      context.executor().execute(this::flush);
    }
    return to.ensureWritable(Frames.HEAD_BYTES + length)
        .writeMedium(length)
        .writeByte(type)
        .writeByte(flags)
        .writeInt(stream);
  }

  /** Headers of a stream, the last ones when it ends. */
  void headers(int stream, boolean endsStream, Consumer<ByteBuf> text) {
    int flags = Frames.END_HEADERS | (endsStream ? Frames.END_STREAM : 0);
    ByteBuf to = frame(0, Frames.HEADERS, flags, stream);
    int begin = to.writerIndex();
    if (!hasWrittenHeaders) {
      hasWrittenHeaders = true;
      HeaderText.tableless(to);
    }
    text.accept(to);
    int length = to.writerIndex() - begin;
    if (length > Frames.MAX_PAYLOAD_BYTES) {
      throw new IllegalStateException("headers of " + length + " bytes");
    }
    to.setMedium(begin - Frames.HEAD_BYTES, length);
  }

  /** A frame of this kind answers the peer, who must take some before it gets more. */
  ByteBuf control(int length, int type, int flags, int stream) throws Http2Failure {
    countControl();
    return frame(length, type, flags, stream);
  }

  /** The next frame is one of those. */
  void countControl() throws Http2Failure {
    if (++controls + controlsOnTheirWay > MAX_CONTROLS) {
      throw new Http2Failure(Frames.ENHANCE_YOUR_CALM, "answers are not taken");
    }
  }

  /** Learns when the frames so far have been written. */
  void whenWritten(StreamCall<?, ?> call) {
    senders.add(call);
  }

  /** What is written until {@link #readAll} goes at one go. */
  void reading() {
    isReading = true;
  }

  void readAll() {
    isReading = false;
    flush();
  }

  /** Writes what was gathered. */
  void flush() {
    isScheduled = false;
    ByteBuf full = batch;
    if (full == null) {
      return;
    }
    batch = null;
    int answered = controls;
    controls = 0;
    ChannelFuture written = context.writeAndFlush(full);
    if (written.isDone()) {
      List<StreamCall<?, ?>> done = senders;
      senders = spare; // some send more, into the next batch
      done.forEach(sender -> sender.written(sender.takeBatched()));
      done.clear();
      spare = done;
      return;
    }
    List<StreamCall<?, ?>> waiting = senders;
    senders = new ArrayList<>();
    int[] bytes = waiting.stream().mapToInt(StreamCall::takeBatched).toArray();
    controlsOnTheirWay += answered;
    written.addListener(
        _ -> {
          controlsOnTheirWay -= answered;
          for (int i = 0; i < bytes.length; i++) {
            waiting.get(i).written(bytes[i]);
          }
        });
  }

  /** Writes what was gathered, and closes once the peer has taken it. */
  void closeWhenTaken() {
    flush();
    ChannelFuture last = context.writeAndFlush(Unpooled.EMPTY_BUFFER);
    if (last.isDone()) {
      close();
      return;
    }
    last.addListener(_ -> close());
    Future<?> limit =
        context.executor().schedule(this::close, MAX_LAST_NANOS, TimeUnit.NANOSECONDS);
    context.channel().closeFuture().addListener(_ -> limit.cancel(false));
  }

  /** Writes what was gathered, and then closes: what the network does not take is lost. */
  void close() {
    flush();
    ChannelFuture _ = context.close();
  }

  /** The connection is gone. */
  void release() {
    if (batch != null) {
      batch.release();
      batch = null;
    }
  }
}
