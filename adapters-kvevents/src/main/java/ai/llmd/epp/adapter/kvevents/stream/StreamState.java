package ai.llmd.epp.adapter.kvevents.stream;

/*
 * Messages are numbered from 0 (vLLM, SGLang) or 1 (the simulator). A number below the last one means that the publisher began
 * again: its connection keeps the order. Where messages are missing and can be asked for, they are; where not, the stream goes
 * on without them, and is incomplete until the publisher clears its cache or begins again.
 */
/** What the numbers of one publisher's messages say. One thread writes, any reads the status. */
final class StreamState {

  /** What to do with a message. */
  enum Step {
    APPLY,
    DROP,
    /** Ask for what is missing, from {@link #wanted} on; then this message again. */
    REPLAY
  }

  private static final long COOLDOWN_NANOS = 30_000_000_000L;
  private static final long NONE = -1;

  private final String endpoint;
  private final boolean canReplay;
  private final EventSink sink;

  private boolean isKnown;
  private boolean isOwed; // a replay failed, and is to be tried again from the start
  private boolean isReplaying; // and something came
  private boolean isFromStart;
  private boolean isTruncated;
  private boolean isInPart; // since the replay began
  private boolean wasComplete;
  private long last = NONE;
  private long wanted;
  private long cooldownUntil;
  private boolean hasCooldown;
  private Completeness completeness = Completeness.CATCHING_UP;
  private long since;
  private long messages;
  private long gaps;
  private long restarts;
  private long replays;
  private long failures;
  private int connections;
  private volatile StreamStatus status;

  StreamState(String endpoint, boolean canReplay, EventSink sink, long now) {
    this.endpoint = endpoint;
    this.canReplay = canReplay;
    this.sink = sink;
    this.since = now;
    this.status = new StreamStatus(endpoint, completeness, now, NONE, 0, 0, 0, 0, 0, 0);
  }

  StreamStatus status() {
    return status;
  }

  String endpoint() {
    return endpoint;
  }

  /** Notes how often there was a connection. */
  void connected(int times) {
    if (times != connections) {
      connections = times;
      publish();
    }
  }

  /** The first number that a replay is to bring. */
  long wanted() {
    return wanted;
  }

  /** A replay from the start on, as soon as there is a connection; false where there is none. */
  boolean beginsWithReplay(long now) {
    return canReplay && owe(0, now) == Step.REPLAY;
  }

  /** Decides about a live message. */
  Step live(long number, long now) {
    if (isKnown && number == last) {
      return Step.DROP;
    }
    if (isKnown && number < last) {
      restarts++;
      sink.clear(endpoint);
      isKnown = false;
      isOwed = false;
      hasCooldown = false;
      become(Completeness.CATCHING_UP, now);
    }
    if (isOwed && isReplayAllowed(now)) {
      sink.clear(endpoint);
      return owe(0, now);
    }
    if (isKnown && number == last + 1) {
      return Step.APPLY;
    }
    if (!isKnown && (number == 0 || (number == 1 && !isReplayAllowed(now)))) {
      isOwed &= number > 0;
      become(isOwed ? Completeness.INCOMPLETE : Completeness.COMPLETE, now);
      return Step.APPLY;
    }
    gaps += isKnown ? 1 : 0;
    if (isReplayAllowed(now)) {
      return owe(isKnown ? last + 1 : 0, now);
    }
    become(Completeness.INCOMPLETE, now);
    return Step.APPLY;
  }

  /** Applies a message that is to be. */
  void apply(long number, String model, byte[] payload, long now) {
    isKnown = true;
    last = number;
    messages++;
    switch (sink.message(endpoint, model, payload)) {
      case WHOLE -> publish();
      case CLEARED -> {
        if (completeness == Completeness.INCOMPLETE) {
          isOwed = false;
          become(Completeness.COMPLETE, now);
        }
        publish();
      }
      case IN_PART -> {
        isInPart = true;
        become(Completeness.INCOMPLETE, now);
      }
    }
  }

  /** Takes a replayed message; false when it is not the one that has to come. */
  boolean replayed(long number, String model, byte[] payload, long now) {
    if (number < wanted) {
      return true; // it was there already
    }
    if (number > wanted) {
      if (isReplaying) {
        return false;
      }
      if (wanted > 0 || number > 1) { // the publisher no longer has all of it
        isTruncated = true;
        if (wanted > 0) {
          sink.clear(endpoint);
        }
      }
    }
    isReplaying = true;
    wanted = number + 1;
    apply(number, model, payload, now);
    return true;
  }

  /** The publisher sent all that it has. */
  void replayEnded(long now) {
    if (!isReplaying && !isFromStart) {
      replayFailed(now); // it does not have what it just published
      return;
    }
    isOwed = false;
    if (!isReplaying) {
      isKnown = true; // it published nothing yet
      last = NONE;
    }
    boolean isWhole = !isTruncated && (isFromStart || wasComplete) && !isInPart;
    become(isWhole ? Completeness.COMPLETE : Completeness.INCOMPLETE, now);
  }

  /** What is missing could not be had: nothing that is known is certain any more. */
  void replayFailed(long now) {
    failures++;
    sink.clear(endpoint);
    isKnown = false;
    isOwed = true;
    hasCooldown = true;
    cooldownUntil = now + COOLDOWN_NANOS;
    become(Completeness.INCOMPLETE, now);
  }

  private Step owe(long from, long now) {
    wanted = from;
    isFromStart = from == 0;
    wasComplete = completeness == Completeness.COMPLETE;
    isReplaying = false;
    isTruncated = false;
    isInPart = false;
    replays++;
    become(Completeness.CATCHING_UP, now);
    return Step.REPLAY;
  }

  private boolean isReplayAllowed(long now) {
    return canReplay && (!hasCooldown || now - cooldownUntil >= 0);
  }

  private void become(Completeness now, long at) {
    if (completeness != now) {
      completeness = now;
      since = at;
    }
    publish();
  }

  private void publish() {
    status =
        new StreamStatus(
            endpoint,
            completeness,
            since,
            last,
            messages,
            gaps,
            restarts,
            replays,
            failures,
            connections);
  }
}
