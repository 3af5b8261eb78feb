package ai.llmd.epp.adapter.extproc.transport;

import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what comes on a stream into gRPC's messages, as many as were asked for; keeps what comes
 * beyond that, which the stream's window bounds. The connection's thread.
 */
final class MessageIntake {

  private static final int PREFIX_BYTES = 5;
  private static final int FIRST_BYTES = 256;
  private static final int PIECE_BYTES = 32 << 10;

  /** Receives messages. */
  interface Sink {

    /** Bytes of a message's body were read. */
    void bodyBytes(int bytes);

    /**
     * A message is complete.
     *
     * @param body only valid during the call
     */
    void message(ByteBuf body, boolean isCompressed);

    /** So many bytes of what came do not wait any more. */
    void used(int bytes);

    /** Everything was delivered, and no more comes. */
    void ended();

    /** There is no message. */
    void failed(Status status);
  }

  private final ByteBufAllocator buffers;
  private final Kept kept;
  private final int maxBytes;
  private final Sink sink;
  private int asked;
  private int prefixBytes;
  private int flags;
  private int length;
  private final Deque<ByteBuf> gathered = new ArrayDeque<>(1); // of an incomplete body
  private int gatheredBytes;
  private @Nullable ByteBuf held; // came before it was asked for
  private boolean isReading;
  private boolean isLast;
  private boolean isClosed;

  /**
   * @param kept counts what comes before it is asked for
   */
  MessageIntake(ByteBufAllocator buffers, Kept kept, int maxBytes, Sink sink) {
    this.buffers = buffers;
    this.kept = kept;
    this.maxBytes = maxBytes;
    this.sink = sink;
  }

  /** So many messages more are wanted. */
  void ask(int messages) {
    asked = (int) Math.min((long) asked + messages, Integer.MAX_VALUE);
  }

  /** Whether something waits that was asked for by now. */
  boolean isDue() {
    return isLast || (asked > 0 && held != null);
  }

  /** More bytes have come. */
  void take(ByteBuf in) {
    if (isClosed) {
      return;
    }
    if (held == null) {
      read(in);
    }
    if (in.isReadable() && !isClosed) {
      hold(in);
    }
  }

  private void hold(ByteBuf in) {
    if (!kept.add(in.readableBytes())) {
      sink.failed(Status.RESOURCE_EXHAUSTED.withDescription("too many messages wait in memory"));
      return;
    }
    ByteBuf all = held;
    if (all == null) {
      all = buffers.directBuffer(in.readableBytes());
      held = all;
    } else {
      all.discardSomeReadBytes();
    }
    all.writeBytes(in);
  }

  /** No more bytes come. */
  void end() {
    isLast = true;
    deliver();
  }

  /** Delivers what waits and was asked for. */
  void deliver() {
    if (isReading || isClosed) {
      return; // whoever is at it goes on
    }
    ByteBuf all = held;
    if (all != null) {
      int before = all.readableBytes();
      read(all);
      if (isClosed || !all.isReadable()) {
        held = null;
        all.release();
        kept.remove(before);
      } else {
        kept.remove(before - all.readableBytes());
      }
    }
    if (isLast && held == null && !isClosed) {
      isLast = false;
      if (prefixBytes > 0) {
        sink.failed(Status.INTERNAL.withDescription("the stream ends within a message"));
      } else {
        sink.ended();
      }
    }
  }

  private void read(ByteBuf in) {
    int before = in.readableBytes();
    isReading = true;
    try {
      while (!isClosed && asked > 0 && in.isReadable()) {
        if (prefixBytes < PREFIX_BYTES) {
          readPrefix(in.readUnsignedByte());
        } else {
          readBody(in);
        }
      }
    } finally {
      isReading = false;
    }
    if (!isClosed && before > in.readableBytes()) {
      sink.used(before - in.readableBytes());
    }
  }

  private void readPrefix(int next) {
    if (prefixBytes++ == 0) {
      flags = next;
      length = 0;
      if (flags > 1) {
        sink.failed(Status.INTERNAL.withDescription("gRPC frame header malformed: reserved bits"));
      }
      return;
    }
    length = length << 8 | next;
    if (prefixBytes == PREFIX_BYTES) {
      if (length < 0 || length > maxBytes) {
        sink.failed(
            Status.RESOURCE_EXHAUSTED.withDescription(
                "gRPC message exceeds maximum size "
                    + maxBytes
                    + ": "
                    + Integer.toUnsignedString(length)));
      } else if (length == 0) {
        complete(Unpooled.EMPTY_BUFFER);
      }
    }
  }

  private void readBody(ByteBuf in) {
    int missing = length - gatheredBytes;
    int count = Math.min(missing, in.readableBytes());
    sink.bodyBytes(count);
    if (isClosed) {
      return;
    }
    if (gatheredBytes == 0 && count == missing) {
      complete(in.readSlice(count));
      return;
    }
    gather(in, count);
    if (count == missing) {
      ByteBuf whole = Unpooled.wrappedBuffer(gathered.toArray(ByteBuf[]::new));
      gathered.clear();
      gatheredBytes = 0;
      try {
        complete(whole);
      } finally {
        whole.release();
      }
    }
  }

  /**
   * Copies, since what comes is a part of a larger buffer; into pieces that are full but for one.
   */
  private void gather(ByteBuf in, int count) {
    int left = count;
    while (left > 0) {
      ByteBuf last = gathered.peekLast();
      if (last == null || !last.isWritable()) {
        int wanted = Math.max(Math.max(gatheredBytes, left), FIRST_BYTES);
        int size = Math.min(Math.min(wanted, PIECE_BYTES), length - gatheredBytes);
        last = buffers.directBuffer(size, size);
        gathered.add(last);
      }
      int bytes = Math.min(left, last.writableBytes());
      last.writeBytes(in, bytes);
      gatheredBytes += bytes;
      left -= bytes;
    }
  }

  private void complete(ByteBuf message) {
    asked--;
    prefixBytes = 0;
    sink.message(message, flags == 1);
  }

  /** Takes nothing any more. */
  void close() {
    isClosed = true;
    if (held != null && !isReading) { // else whoever is at it releases it
      kept.remove(held.readableBytes());
      held.release();
      held = null;
    }
    gathered.forEach(ByteBuf::release);
    gathered.clear();
  }
}
