package ai.llmd.epp.adapter.kvevents.stream;

import ai.llmd.epp.application.port.out.kvcache.KvCursor;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeed.Resumption;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus.Completeness;
import org.jspecify.annotations.Nullable;

/*
 * Messages are numbered from 0 (vLLM, SGLang) or 1 (the simulator). Where messages are missing and can be asked for, they are;
 * where not, the stream goes on without them, and is incomplete until the publisher clears its cache or begins again.
 *
 * A number that is not above the last one is a message that is late or came twice, and is dropped; or the publisher began
 * again. It did when
 *
 *   the number was that of another message (all messages carry the time of their making), or
 *   the connection was lost since the last message, as one connection keeps the order and never repeats, or
 *   it is the first of all and far below the last one, or
 *   several messages in a row count up down there.
 *
 * A publisher that begins again takes longer than seconds. When it seems to do so several times within them, two publishers
 * share the stream: then numbers mean nothing, everything is applied, nothing cleared, and the stream stays incomplete.
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

  private static final long QUICK_NANOS = 10_000_000_000L;
  private static final int MAX_QUICK_RESTARTS = 3;
  private static final int MAX_LATE_IN_A_ROW = 3;
  private static final long NONE = -1;

  private final String endpoint;
  private final boolean canReplay;
  private final EventSink sink;

  private final RecentMessages recent = new RecentMessages();
  private final ReplayPacing pacing = new ReplayPacing();

  private boolean isKnown;
  private boolean isOwed; // a replay failed, and is to be tried again from the start
  private boolean isReplaying; // and something came
  private boolean isFromStart;
  private boolean isTruncated;
  private boolean isInPart; // since the replay began
  private boolean wasComplete;
  private boolean isInterrupted; // the connection was lost, and no message came since
  private boolean isCompleteButLost; // but for the lost connection
  private boolean isVerifying; // a replay from the last known message on
  private boolean isVerified;
  private boolean isByMessage; // a live message made the replay necessary
  private boolean isBegunAnew; // as the replay showed
  private boolean hasConnection;
  private boolean isShared; // by several publishers
  private boolean countsFromZero;
  private int quickRestarts;
  private long restartedAt;
  private long latest = NONE; // of the messages below the last one, in a row
  private int lateInARow;
  private long last = NONE;
  private long resumedAt = NONE; // the cursor that a state came with, until a later message comes
  private long wanted;
  private Completeness completeness = Completeness.CATCHING_UP;
  private long since;
  private long messages;
  private long gaps;
  private long restarts;
  private long clears;
  private long replays;
  private long failures;
  private long late;
  private int connections;
  private volatile KvStreamStatus status;

  StreamState(String endpoint, boolean canReplay, EventSink sink, long now) {
    this.endpoint = endpoint;
    this.canReplay = canReplay;
    this.sink = sink;
    this.since = now;
    this.status = new KvStreamStatus(endpoint, completeness, now, NONE, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  KvStreamStatus status() {
    return status;
  }

  String endpoint() {
    return endpoint;
  }

  /**
   * Notes how often there was a connection, and whether there is one. What a publisher sends in
   * between is lost, so that a stream is complete again only when the next message, or a replay,
   * shows that there was nothing.
   */
  void connection(int times, boolean isConnected, long now) {
    boolean isLost = connections > 0 && (!isConnected || times != connections);
    if (isLost) {
      resumedAt = NONE;
    }
    if (isLost && !isInterrupted) {
      isInterrupted = true;
      isCompleteButLost = completeness == Completeness.COMPLETE;
      if (isCompleteButLost) {
        become(Completeness.CATCHING_UP, now);
      }
    }
    if (times != connections) {
      connections = times;
      publish();
    }
    hasConnection = isConnected;
  }

  /** Where the stream stands; null when nothing can go on from there. */
  @Nullable KvCursor cursor() {
    if (!isKnown || isShared || !recent.has(last)) {
      return null;
    }
    return new KvCursor(last, recent.fingerprint(last), isCompleteBefore());
  }

  private boolean isCompleteBefore() {
    return completeness == Completeness.COMPLETE || (isInterrupted && isCompleteButLost);
  }

  /**
   * A state as of a cursor is there: with {@link Resumption#REPLACE} this goes on from it. It is
   * complete when a replay has shown that the publisher still is the one of the cursor; where there
   * is none, with the next message if that is the next.
   */
  Resumption resume(KvCursor cursor, long now) {
    boolean isAny = isKnown && last != NONE;
    if (isShared
        || isCompleteBefore()
        || (isAny && (!cursor.isComplete() || isOfAnotherRun(cursor)))) {
      return Resumption.KEEP;
    }
    if (isAny && !canReplay) {
      return Resumption.ADD;
    }
    recent.note(cursor.number(), cursor.fingerprint());
    isKnown = true;
    last = cursor.number();
    resumedAt = last;
    latest = NONE;
    lateInARow = 0;
    isOwed = false;
    pacing.endCooldown();
    if (canReplay) {
      isInterrupted = false;
      owe(last, now);
      isVerifying = true;
      isFromStart = false;
      wasComplete = cursor.isComplete();
    } else {
      isInterrupted = true; // as if a connection had been lost at the cursor
      isCompleteButLost = cursor.isComplete();
      become(isCompleteButLost ? Completeness.CATCHING_UP : Completeness.INCOMPLETE, now);
    }
    return Resumption.REPLACE;
  }

  /** What was received here contradicts the cursor, or cannot be compared with it. */
  private boolean isOfAnotherRun(KvCursor cursor) {
    if (recent.has(cursor.number())) {
      return recent.fingerprint(cursor.number()) != cursor.fingerprint();
    }
    return cursor.number() > last && !canReplay;
  }

  /** Whether to ask for a replay without waiting for a message; it then is to begin. */
  boolean isReplayDue(long now) {
    if (!isReplayAllowed(now) || !hasConnection) {
      return false;
    }
    if (isOwed) {
      owe(0, now);
      return true;
    }
    if (!isInterrupted || !isReplayTaken(now)) {
      return false;
    }
    boolean isAny = isKnown && last != NONE;
    owe(isAny ? last : 0, now);
    isVerifying = isAny;
    isFromStart &= !isAny;
    return true;
  }

  /** The first number that a replay is to bring. */
  long wanted() {
    return wanted;
  }

  /** A replay from the start on, as soon as there is a connection; false where there is none. */
  boolean beginsWithReplay(long now) {
    return canReplay && owe(0, now) == Step.REPLAY;
  }

  /** Whether messages before this one may still come: it is worth a short wait. */
  boolean isEarly(long number, long now) {
    return number > next()
        && number - next() < EarlyMessages.MAX_AHEAD
        && !isShared
        && !isInterrupted
        && !isReplayAllowed(now);
  }

  /** The highest number that can be taken without leaving one out. */
  long next() {
    return isKnown ? last + 1 : 0;
  }

  long restarts() {
    return restarts;
  }

  /** Something was received, whatever comes of it. */
  void received() {
    messages++;
    publish();
  }

  /** Decides about a live message. */
  Step live(long number, byte[] payload, long now) {
    if (isShared) {
      return Step.APPLY;
    }
    if (isKnown && number <= last) {
      if (!isRestart(number, payload)) {
        late++;
        publish();
        return Step.DROP;
      }
      if (restart(now)) {
        return Step.APPLY;
      }
    }
    resumedAt = NONE;
    if (isOwed && isReplayAllowed(now)) {
      return oweFor(0, now);
    }
    if (isKnown && number == last + 1) {
      if (isInterrupted && isCompleteButLost) {
        become(Completeness.COMPLETE, now);
      }
      return Step.APPLY;
    }
    if (!isKnown && isFirst(number, now)) {
      isOwed &= number > 0;
      become(isOwed ? Completeness.INCOMPLETE : Completeness.COMPLETE, now);
      return Step.APPLY;
    }
    gaps += isKnown ? 1 : 0;
    if (isReplayAllowed(now) && isReplayTaken(now)) {
      return oweFor(next(), now);
    }
    become(Completeness.INCOMPLETE, now);
    return Step.APPLY;
  }

  private boolean isFirst(long number, long now) {
    return number == 0 || (number == 1 && !countsFromZero && !isReplayAllowed(now));
  }

  /** Messages that the state a stream goes on from had already, and that were on their way here. */
  private boolean isInResumedState(long number, byte[] payload) {
    return resumedAt != NONE
        && number <= resumedAt
        && resumedAt - number < RecentMessages.MAX_MESSAGES
        && (number > 1 || resumedAt <= 1)
        && recent.compare(number, payload) != RecentMessages.Known.OTHER;
  }

  private boolean isRestart(long number, byte[] payload) {
    if (isInResumedState(number, payload)) {
      return false;
    }
    lateInARow = number == latest + 1 ? lateInARow + 1 : 1;
    latest = number;
    return switch (recent.compare(number, payload)) {
      case SAME -> isInterrupted;
      case OTHER -> true;
      case NOTHING ->
          isInterrupted
              || lateInARow >= MAX_LATE_IN_A_ROW
              || (number <= 1 && last - number > RecentMessages.MAX_MESSAGES);
    };
  }

  /** The publisher began again; true when it seems to be more than one. */
  private boolean restart(long now) {
    boolean isQuick = restarts > 0 && !isInterrupted && now - restartedAt < QUICK_NANOS;
    quickRestarts = isQuick ? quickRestarts + 1 : 0;
    restartedAt = now;
    restarts++;
    if (quickRestarts >= MAX_QUICK_RESTARTS) {
      isShared = true;
      become(Completeness.INCOMPLETE, now);
      return true;
    }
    beginAnew(now);
    pacing.endCooldown();
    isOwed = false;
    return false;
  }

  private void beginAnew(long now) {
    sink.clear(endpoint);
    recent.forget();
    isKnown = false;
    last = NONE;
    resumedAt = NONE;
    become(Completeness.CATCHING_UP, now);
  }

  /** Applies a message that is to be. */
  void apply(long number, String model, byte[] payload, long now) {
    isKnown = true;
    last = number;
    isInterrupted = false;
    latest = NONE;
    lateInARow = 0;
    countsFromZero |= number == 0;
    recent.add(number, payload);
    switch (sink.message(endpoint, model, payload)) {
      case WHOLE -> publish();
      case CLEARED -> {
        clears++;
        if (completeness == Completeness.INCOMPLETE && !isShared) {
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
    if (isVerifying && !isVerified && number <= wanted) {
      if (number < wanted) {
        return true;
      }
      isVerified = recent.compare(number, payload) == RecentMessages.Known.SAME;
      isBegunAnew = !isVerified;
      wanted = number + 1;
      return isVerified;
    }
    if (number < wanted) {
      return true; // it was there already
    }
    if (number > wanted) {
      if (isReplaying) {
        return false;
      }
      if (wanted > 0 || number > 1) { // the publisher no longer has all of it
        isTruncated = true;
        if ((wanted > 0 || isVerifying) && !isOwed) {
          sink.clear(endpoint);
        }
      }
    }
    if (!isReplaying && isOwed) {
      sink.clear(endpoint);
    }
    isReplaying = true;
    isVerified = true;
    wanted = number + 1;
    apply(number, model, payload, now);
    return true;
  }

  /** The publisher sent all that it has. */
  void replayEnded(long now) {
    if (isVerifying && !isVerified) {
      isBegunAnew = true;
      replayFailed(now);
      return;
    }
    isInterrupted = false;
    boolean hasPublished = !isFromStart || isKnown || isByMessage;
    if (!isReplaying && !isVerifying && hasPublished) {
      replayFailed(now); // it does not have what it just published
      return;
    }
    isOwed = false;
    if (!isReplaying && !isVerifying) {
      isKnown = true; // it published nothing yet
      last = NONE;
    }
    boolean isWhole = !isTruncated && (isFromStart || wasComplete) && !isInPart;
    become(isWhole ? Completeness.COMPLETE : Completeness.INCOMPLETE, now);
  }

  /**
   * What is missing could not be had: nothing that is known is certain any more. What came since a
   * former failure stays. A publisher that answers, and no longer has the last message that was
   * known, began again.
   */
  void replayFailed(long now) {
    isInterrupted = false;
    if (isBegunAnew) {
      isBegunAnew = false;
      isOwed = true;
      restarts++;
      beginAnew(now);
      return;
    }
    failures++;
    if (!isOwed || isReplaying) {
      sink.clear(endpoint);
      recent.forget();
      isKnown = false;
    }
    isOwed = true;
    pacing.coolDown(now);
    become(Completeness.INCOMPLETE, now);
  }

  private Step oweFor(long from, long now) {
    Step step = owe(from, now);
    isByMessage = true;
    return step;
  }

  private Step owe(long from, long now) {
    wanted = from;
    isFromStart = from == 0;
    wasComplete = isCompleteBefore();
    isVerifying = false;
    isVerified = false;
    isByMessage = false;
    isBegunAnew = false;
    isReplaying = false;
    isTruncated = false;
    isInPart = false;
    replays++;
    become(Completeness.CATCHING_UP, now);
    return Step.REPLAY;
  }

  private boolean isReplayAllowed(long now) {
    return canReplay && pacing.isAllowed(now);
  }

  /** Counts a replay; when there were too many lately, one from the start on is owed, for later. */
  private boolean isReplayTaken(long now) {
    boolean isTaken = pacing.take(now);
    isOwed |= !isTaken;
    return isTaken;
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
        new KvStreamStatus(
            endpoint,
            completeness,
            since,
            last,
            messages,
            gaps,
            restarts,
            clears,
            replays,
            failures,
            late,
            connections);
  }
}
