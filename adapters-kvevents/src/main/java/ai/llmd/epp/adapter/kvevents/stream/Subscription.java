package ai.llmd.epp.adapter.kvevents.stream;

import ai.llmd.epp.application.port.out.kvcache.KvCursor;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeed.Resumption;
import ai.llmd.epp.zmtp.ZmtpAddress;
import ai.llmd.epp.zmtp.ZmtpRole;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One publisher that is connected to. Belongs to the subscriber's thread. */
final class Subscription implements AutoCloseable {

  /** Messages in one turn. */
  static final int BATCH = 64;

  private final Publisher publisher;
  private final StreamState state;
  private final LiveStream stream;
  private final Link live;
  private final Runnable wake;
  private final ThreadShare share;
  private final List<Frames> held = new ArrayList<>(1); // waits for the replay
  private @Nullable Replay replay;
  private boolean isWaitingForReplay; // for its begin, or to go on
  private boolean isMoreWaiting;
  private int connections;

  /**
   * Whom to connect to.
   *
   * @param replay null where nothing can be replayed
   */
  record Publisher(String endpoint, ZmtpAddress live, @Nullable ZmtpAddress replay) {

    static Publisher of(String endpoint, String live, String replay) {
      return new Publisher(
          endpoint, ZmtpAddress.of(live), replay.isEmpty() ? null : ZmtpAddress.of(replay));
    }
  }

  /**
   * Begins to connect.
   *
   * @param nanos the time, in the manner of {@link System#nanoTime}
   * @param wake is called when there is something to take
   */
  Subscription(
      Publisher publisher, byte[] topicFilter, EventSink sink, LongSupplier nanos, Runnable wake) {
    long now = nanos.getAsLong();
    this.publisher = publisher;
    this.wake = wake;
    this.share = new ThreadShare(nanos);
    this.state = new StreamState(publisher.endpoint(), publisher.replay() != null, sink, now);
    this.stream = new LiveStream(state, KvEventSubscriber::model, this::replayBefore);
    this.isWaitingForReplay = state.beginsWithReplay(now);
    this.live =
        new Link(
            publisher.live(), ZmtpRole.SUB, connection -> connection.subscribe(topicFilter), wake);
  }

  Publisher publisher() {
    return publisher;
  }

  StreamState state() {
    return state;
  }

  Link live() {
    return live;
  }

  /** Whether messages wait for others. */
  boolean isHolding() {
    return stream.isHolding();
  }

  /** Whether there was more than the last turn took. */
  boolean isMoreWaiting() {
    return isMoreWaiting;
  }

  boolean isReplaying() {
    return replay != null && !isWaitingForReplay;
  }

  boolean isWaitingForReplay() {
    return isWaitingForReplay;
  }

  /** Whether its replay has gone on for so long that others may go first. */
  boolean hasHadItsTurn(long now) {
    return replay != null && isReplaying() && replay.hasHadItsTurn(now);
  }

  Resumption resume(KvCursor cursor, long now) {
    Resumption resumption = state.resume(cursor, now);
    if (resumption == Resumption.REPLACE && publisher.replay() != null) {
      endReplay();
      isWaitingForReplay = true;
    }
    return resumption;
  }

  /** Begins the replay that it waits for, or goes on with it. */
  void startReplay(long now) {
    isWaitingForReplay = false;
    if (replay != null) {
      replay.goOn(now);
    } else if (publisher.replay() != null) {
      replay = new Replay(publisher.replay(), state, wake, now);
    }
  }

  /** Lets the replay wait until others have had their turn. */
  void pauseReplay(long now) {
    if (replay != null) {
      replay.pause(now);
      isWaitingForReplay = true;
    }
  }

  /** Takes what arrived, as much as one turn takes. */
  void advance(long now) {
    isMoreWaiting = true;
    if (share.begin()) {
      try {
        isMoreWaiting = takeSome(now);
      } finally {
        share.end();
      }
    }
  }

  /** Whether there may be more. */
  private boolean takeSome(long now) {
    if (replay != null && isReplaying() && !advanceReplay(replay, now)) {
      return isMoreWaiting;
    }
    if (isListening() && state.isReplayDue(now)) {
      isWaitingForReplay = true;
    }
    if (isListening()) {
      stream.release(now);
    }
    for (int i = 0; i < BATCH && isListening() && !share.isSpent(); i++) {
      Received received = live.poll();
      if (received == null) {
        return false;
      }
      take(received, now);
    }
    return isListening();
  }

  /** False while it goes on. */
  private boolean advanceReplay(Replay running, long now) {
    boolean isOver = running.advance(share, now);
    isMoreWaiting = running.isMoreWaiting();
    if (isOver) {
      endReplay();
      List<Frames> waiting = List.copyOf(held);
      held.clear();
      waiting.forEach(message -> stream.take(message, now));
    }
    return isOver;
  }

  private void take(Received received, long now) {
    switch (received.kind()) {
      case CONNECTED -> state.connection(++connections, true, now);
      case LOST -> state.connection(connections, false, now);
      case MESSAGE -> {
        state.received();
        Frames message = Frames.live(received.frames());
        if (message != null) {
          stream.take(message, now);
        }
      }
    }
  }

  private boolean isListening() {
    return replay == null && !isWaitingForReplay;
  }

  private void replayBefore(Frames message) {
    held.add(message);
    isWaitingForReplay = true;
  }

  private void endReplay() {
    if (replay != null) {
      replay.close();
      replay = null;
    }
  }

  @Override
  public void close() {
    endReplay();
    live.close();
  }
}
