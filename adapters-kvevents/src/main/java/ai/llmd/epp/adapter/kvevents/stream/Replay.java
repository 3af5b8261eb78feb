package ai.llmd.epp.adapter.kvevents.stream;

import ai.llmd.epp.zmtp.ZmtpAddress;
import ai.llmd.epp.zmtp.ZmtpRole;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Asks a publisher for messages that are missing. Belongs to the subscriber's thread. */
final class Replay {

  private static final long SILENCE_NANOS = 2_000_000_000L;
  private static final long LIMIT_NANOS = 120_000_000_000L;
  private static final int MAX_IDLE_ATTEMPTS = 3;

  private final ZmtpAddress address;
  private final StreamState state;
  private final Runnable wake;
  private final long deadline;
  private @Nullable Link link;
  private long silentUntil;
  private int idleAttempts;
  private long attemptedFrom = -1;
  private boolean isMoreWaiting;

  Replay(ZmtpAddress address, StreamState state, Runnable wake, long now) {
    this.address = address;
    this.state = state;
    this.wake = wake;
    this.deadline = now + LIMIT_NANOS;
    attempt(now);
  }

  private void attempt(long now) {
    close();
    idleAttempts = state.wanted() == attemptedFrom ? idleAttempts + 1 : 0;
    attemptedFrom = state.wanted();
    byte[] from = ByteBuffer.allocate(Long.BYTES).putLong(attemptedFrom).array();
    link =
        new Link(address, ZmtpRole.DEALER, connection -> connection.send(new byte[0], from), wake);
    silentUntil = now + SILENCE_NANOS;
  }

  /** Takes what arrived; true when the replay is over, one way or the other. */
  boolean advance(long now) {
    Link open = link;
    isMoreWaiting = false;
    for (int i = 0; open != null && i < KvEventSubscriber.BATCH; i++) {
      Received received = open.poll();
      if (received == null) {
        break;
      }
      if (received.kind() == Received.Kind.MESSAGE) {
        silentUntil = now + SILENCE_NANOS;
        state.received();
        if (isOver(Frames.replayed(received.frames()), now)) {
          return true;
        }
      }
      isMoreWaiting = i == KvEventSubscriber.BATCH - 1;
    }
    return isGivenUp(now);
  }

  /** Whether there was more than one turn takes. */
  boolean isMoreWaiting() {
    return isMoreWaiting;
  }

  private boolean isOver(@Nullable Frames message, long now) {
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
    return false;
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
    if (link != null) {
      link.close();
      link = null;
    }
  }
}
