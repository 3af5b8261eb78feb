package ai.llmd.epp.adapter.kvevents.stream;

import java.util.function.Consumer;
import java.util.function.Function;

/** The live messages of one publisher, put in order. Belongs to the subscriber's thread. */
final class LiveStream {

  private final StreamState state;
  private final Function<Frames, String> model;
  private final Consumer<Frames> replay;
  private final EarlyMessages early = new EarlyMessages();

  /**
   * @param model that a message's topic names
   * @param replay is asked to have replayed what is missing before this message, and to give the
   *     message again after that
   */
  LiveStream(StreamState state, Function<Frames, String> model, Consumer<Frames> replay) {
    this.state = state;
    this.model = model;
    this.replay = replay;
  }

  /** Whether messages wait for others. */
  boolean isHolding() {
    return !early.isEmpty();
  }

  StreamState state() {
    return state;
  }

  /** Counts a message. */
  void received() {
    state.received();
  }

  void take(Frames message, long now) {
    boolean isEarly = state.isEarly(message.number(), now);
    if (!isEarly && message.number() > state.next() && !early.isEmpty()) {
      releaseAll(now); // what is missing is too long ago
      isEarly = state.isEarly(message.number(), now);
    }
    if (isEarly) {
      early.add(message, now);
    } else if (!decide(message, now)) {
      return;
    }
    release(now);
  }

  private void releaseAll(long now) {
    while (hasReleased(Long.MAX_VALUE, now)) {
      // the next one
    }
  }

  /** Takes messages that waited for others, when those came or will not. */
  void release(long now) {
    while (hasReleased(early.isOver(now) ? Long.MAX_VALUE : state.next(), now)) {
      // the next one
    }
  }

  /** False when none has a number of at most this, or the message waits for a replay. */
  private boolean hasReleased(long highest, long now) {
    Frames next = early.poll(highest);
    return next != null && decide(next, now);
  }

  /** False when the message waits for a replay. */
  private boolean decide(Frames message, long now) {
    long restarts = state.restarts();
    StreamState.Step step = state.live(message.number(), message.payload(), now);
    if (state.restarts() != restarts) {
      early.clear(); // of the former run
    }
    switch (step) {
      case APPLY -> state.apply(message.number(), model.apply(message), message.payload(), now);
      case REPLAY -> replay.accept(message);
      case DROP -> {}
    }
    return step != StreamState.Step.REPLAY;
  }
}
