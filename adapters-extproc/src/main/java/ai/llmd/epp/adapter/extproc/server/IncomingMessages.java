package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.concurrent.Executor;

/**
 * Counts the bytes of a stream's messages that are not complete yet. gRPC keeps them in network
 * memory, up to the largest message for each stream, and shows a message only when it is complete.
 * When there is no room for more, the stream is given up. The transport's thread.
 */
final class IncomingMessages extends ServerStreamTracer {

  /** The messages of the stream that a call is about. */
  static final Context.Key<IncomingMessages> OF_CALL = Context.key("incoming-messages");

  /** What holds a piece of a message beside its bytes; pieces may be of a byte each. */
  private static final int PIECE_BYTES = 128;

  /** Less than this is not counted: most messages come in one or two pieces. */
  private static final int UNCOUNTED = 4 << 10;

  /** A message above it may not take the last quarter of the room. */
  private static final int LARGE = 64 << 10;

  /** How many more bytes may come until the gateway has seen that the stream was given up. */
  private static final int MAX_AFTER_END = 256 << 10;

  private BufferedBytes room;
  private Executor streamExecutor = Runnable::run;
  private Runnable giveUp = () -> {};
  private long bytes; // of the message that is not complete
  private long counted;
  private boolean isGivenUp;
  private long afterEnd;

  private IncomingMessages(BufferedBytes room) {
    this.room = room;
  }

  /** Counts for every stream of a server. */
  static Factory counting(BufferedBytes room) {
    return new Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return new IncomingMessages(room);
      }
    };
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(OF_CALL, this);
  }

  /**
   * Begins the call.
   *
   * @param share what its connection may hold
   * @param whenNoRoom called by the executor when the message that is coming cannot be kept
   */
  void begin(BufferedBytes share, Executor executor, Runnable whenNoRoom) {
    room = share;
    streamExecutor = executor;
    giveUp = whenNoRoom;
  }

  @Override
  public void inboundWireSize(long more) {
    bytes += more + PIECE_BYTES;
    if (isGivenUp) {
      afterEnd += more + PIECE_BYTES;
      if (afterEnd > MAX_AFTER_END) {
        throw Status.RESOURCE_EXHAUSTED
            .withDescription("the stream was given up, and goes on")
            .asRuntimeException(); // resets it
      }
    } else if (bytes > UNCOUNTED && !isCounted()) {
      isGivenUp = true;
      streamExecutor.execute(this::giveUpUnlessComplete);
    }
  }

  /** It may have been the message's last piece. */
  private void giveUpUnlessComplete() {
    if (bytes > UNCOUNTED && !isCounted()) {
      giveUp.run();
    } else {
      isGivenUp = false;
      afterEnd = 0;
    }
  }

  private boolean isCounted() {
    long uncounted = bytes - counted;
    boolean isTaken = bytes > LARGE ? room.takeLarge(uncounted) : room.take(uncounted);
    counted += isTaken ? uncounted : 0;
    return isTaken;
  }

  /** A message is complete: it leaves network memory, and is counted as a part of its body. */
  @Override
  public void inboundMessageRead(int number, long wireBytes, long uncompressedBytes) {
    bytes = 0;
    giveBack();
  }

  @Override
  public void streamClosed(Status status) {
    giveBack();
  }

  private void giveBack() {
    if (counted > 0) {
      room.giveBack(counted);
      counted = 0;
    }
  }
}
