package ai.llmd.epp.adapter.kvevents.stream;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Asks a publisher for messages that are missing. Belongs to the subscriber's thread. */
final class Replay {

  private static final long SILENCE_NANOS = 2_000_000_000L;
  private static final long LIMIT_NANOS = 120_000_000_000L;
  private static final int MAX_IDLE_ATTEMPTS = 3;
  private static final int BUFFERED = 16;

  private final ZContext context;
  private final String address;
  private final StreamState state;
  private final long deadline;
  private ZMQ.@Nullable Socket socket;
  private long silentUntil;
  private int idleAttempts;
  private long attemptedFrom = -1;

  Replay(ZContext context, String address, StreamState state, long now) {
    this.context = context;
    this.address = address;
    this.state = state;
    this.deadline = now + LIMIT_NANOS;
    attempt(now);
  }

  private void attempt(long now) {
    close();
    idleAttempts = state.wanted() == attemptedFrom ? idleAttempts + 1 : 0;
    attemptedFrom = state.wanted();
    ZMQ.Socket opened = context.createSocket(SocketType.DEALER);
    opened.setLinger(0);
    opened.setRcvHWM(BUFFERED);
    opened.setMaxMsgSize(KvEventSubscriber.MAX_MESSAGE_BYTES);
    opened.connect(address);
    opened.send(new byte[0], ZMQ.SNDMORE);
    opened.send(ByteBuffer.allocate(Long.BYTES).putLong(state.wanted()).array(), 0);
    socket = opened;
    silentUntil = now + SILENCE_NANOS;
  }

  /** The socket to wait for. */
  ZMQ.@Nullable Socket socket() {
    return socket;
  }

  /** Takes what arrived; true when the replay is over, one way or the other. */
  boolean advance(long now) {
    ZMQ.Socket open = socket;
    for (int i = 0; open != null && i < KvEventSubscriber.BATCH; i++) {
      byte[][] frames = Frames.receive(open);
      if (frames == null) {
        break;
      }
      silentUntil = now + SILENCE_NANOS;
      Frames message = Frames.replayed(frames);
      if (message != null && message.isEnd()) {
        state.replayEnded(now);
        return true;
      }
      if (message == null
          || !state.replayed(
              message.number(), KvEventSubscriber.model(message), message.payload(), now)) {
        state.replayFailed(now);
        return true;
      }
    }
    return isGivenUp(now);
  }

  private boolean isGivenUp(long now) {
    if (now - silentUntil < 0) {
      return false;
    }
    if (now - deadline >= 0
        || (state.wanted() == attemptedFrom && idleAttempts + 1 >= MAX_IDLE_ATTEMPTS)) {
      state.replayFailed(now);
      return true;
    }
    attempt(now);
    return false;
  }

  void close() {
    if (socket != null) {
      socket.close();
      socket = null;
    }
  }
}
