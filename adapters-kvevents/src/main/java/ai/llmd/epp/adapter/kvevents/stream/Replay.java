package ai.llmd.epp.adapter.kvevents.stream;

import ai.llmd.epp.zmtp.ZmtpAddress;
import ai.llmd.epp.zmtp.ZmtpRole;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Asks a publisher for messages that are missing. Belongs to the subscriber's thread. */
final class Replay {

  private static final long SILENCE_NANOS = 2_000_000_000L;

  /** However much comes: what does not end is no replay of what a publisher keeps. */
  private static final long LIMIT_NANOS = 120_000_000_000L;

  private static final long TURN_NANOS = 10_000_000_000L;
  private static final int MAX_IDLE_ATTEMPTS = 3;

  private final ZmtpAddress address;
  private final StreamState state;
  private final Runnable wake;
  private @Nullable Link link;
  private long deadline;
  private long timeLeft; // while it is paused
  private long turnEndsAt;
  private long silentUntil;
  private int idleAttempts;
  private long attemptedFrom = -1;
  private boolean isMoreWaiting;

  Replay(ZmtpAddress address, StreamState state, Runnable wake, long now) {
    this.address = address;
    this.state = state;
    this.wake = wake;
    begin(LIMIT_NANOS, now);
  }

  private void begin(long timeLeft, long now) {
    deadline = now + timeLeft;
    turnEndsAt = now + TURN_NANOS;
    attempt(now);
  }

  boolean hasHadItsTurn(long now) {
    return now - turnEndsAt >= 0;
  }

  /** Ends the connection until {@link #goOn}. The time until then does not count. */
  void pause(long now) {
    close();
    timeLeft = deadline - now;
  }

  void goOn(long now) {
    begin(timeLeft, now);
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
  boolean advance(ThreadShare share, long now) {
    Link open = link;
    isMoreWaiting = open != null;
    for (int i = 0; open != null && i < Subscription.BATCH && !share.isSpent(); i++) {
      Received received = open.poll();
      if (received == null) {
        isMoreWaiting = false;
        break;
      }
      if (received.kind() == Received.Kind.MESSAGE && isOver(received, now)) {
        return true;
      }
    }
    return isGivenUp(now);
  }

  /** Whether there was more than one turn takes. */
  boolean isMoreWaiting() {
    return isMoreWaiting;
  }

  /** Only what was wanted is worth waiting for more. */
  private boolean isOver(Received received, long now) {
    long before = state.wanted();
    state.received();
    boolean isOver = isOver(Frames.replayed(received.frames()), now);
    silentUntil = state.wanted() == before ? silentUntil : now + SILENCE_NANOS;
    return isOver;
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
    boolean isTooLate = now - deadline >= 0;
    if (!isTooLate && now - silentUntil < 0) {
      return false;
    }
    if (isTooLate || (state.wanted() == attemptedFrom && idleAttempts + 1 >= MAX_IDLE_ATTEMPTS)) {
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
