package ai.llmd.epp.domain.health;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/*
 *              a failure that weighs                 failures prevail, or two polls refused
 *   HEALTHY ──────────────────────────▶ SUSPECT ─────────────────────────────────────▶ OUT
 *      ▲        a success, or a poll       │                                         │   ▲
 *      │◀──────────────────────────────────┘           the pause is over, and picked │   │ a failure, or
 *      │                                                                             ▼   │ no answer in time
 *      │◀──────────────────────── a success ────────────────────────────────────── PROBING
 *      └◀──────── a poll is answered, when it was refused polls that put the endpoint out ── OUT
 *
 * The share of failures is an average over outcomes in which each new one weighs a quarter, so that
 * three failures in a row, or more than every second one for a while, prevail: it is then above one
 * half. An endpoint is suspect when a request could not be handed over to it and the connection of the
 * picker's own polls is gone as well, or when two outcomes in a row were failures: a single request
 * that no server could serve does not push a busy server aside, and where a server is gone the
 * client's next try goes elsewhere.
 */
/**
 * The health of one endpoint, as far as it shows from outside. Times are {@link System#nanoTime()}.
 * Any thread; a success of a healthy endpoint costs one increment and one read.
 */
public final class EndpointHealth {

  /** What is thought of the endpoint. */
  public enum State {
    /** Gets its share. */
    HEALTHY,
    /** Has just failed: gets nothing for a moment, until a sign of life. */
    SUSPECT,
    /** Gets nothing but a probe now and then. */
    OUT,
    /** Is out, and one request has been sent to it to see. */
    PROBING
  }

  /** So long an endpoint is suspect without another sign. */
  static final long SUSPICION_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Pause before the first probe; the next ones are twice as long, up to the longest. */
  static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);

  /** Requests between two probes, so that they are no more than a hundredth of the traffic. */
  static final int REQUESTS_PER_PROBE = 100;

  /** With less traffic than that a probe is due this long after the pause. */
  static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** A probe that has not been answered by then is taken for lost. */
  static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** A probe that was offered to a request which was sent elsewhere is offered again after this. */
  static final long OFFER_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final double WEIGHT = 0.25;
  private static final double PREVAILING = 0.5;
  private static final int MAX_REFUSED_POLLS = 2;

  private final LongAdder successes = new LongAdder();
  private volatile State state = State.HEALTHY;
  private volatile int refusedPolls; // written under this object's lock
  private volatile boolean isConnectionLost; // since the last poll that was answered

  // guarded by this
  private double failureShare;
  private long countedSuccesses;
  private boolean isUnreachable; // out because polls were refused
  private long untilNanos; // of the suspicion, the pause or the probe
  private long offeredUntilNanos; // the probe that was offered last
  private int requestsWhileOut;
  private long pauseNanos = FIRST_PAUSE_NANOS;

  public State state() {
    return state;
  }

  /**
   * Whether a request may be sent here while there are other endpoints. Of an endpoint that is out
   * this is true for one request at a time, when a probe is due.
   */
  public boolean isEligible(long nowNanos) {
    return state == State.HEALTHY || isEligibleAgain(nowNanos);
  }

  private synchronized boolean isEligibleAgain(long nowNanos) {
    return switch (state) {
      case HEALTHY -> true;
      case SUSPECT -> nowNanos - untilNanos >= 0;
      case OUT -> !isUnreachable && isProbeOffered(nowNanos);
      case PROBING -> {
        if (nowNanos - untilNanos >= 0) {
          putOut(nowNanos);
        }
        yield false;
      }
    };
  }

  private boolean isProbeOffered(long nowNanos) {
    requestsWhileOut++;
    boolean isDue =
        nowNanos - untilNanos >= 0
            && (requestsWhileOut > REQUESTS_PER_PROBE
                || nowNanos - untilNanos >= PATIENCE_NANOS
                || pauseNanos == FIRST_PAUSE_NANOS);
    if (isDue && nowNanos - offeredUntilNanos >= 0) {
      offeredUntilNanos = nowNanos + OFFER_NANOS;
      return true;
    }
    return false;
  }

  /** A request is sent here. */
  public void picked(long nowNanos) {
    if (state == State.OUT) {
      probe(nowNanos);
    }
  }

  private synchronized void probe(long nowNanos) {
    if (state == State.OUT && !isUnreachable) {
      state = State.PROBING;
      untilNanos = nowNanos + PROBE_NANOS;
    }
  }

  /** A request was answered, be it with the client's own error. */
  public void succeeded() {
    successes.increment();
    if (state != State.HEALTHY) {
      recoverAfterSuccess();
    }
  }

  private synchronized void recoverAfterSuccess() {
    switch (state) {
      case SUSPECT -> state = State.HEALTHY;
      case PROBING -> recover();
      case HEALTHY, OUT -> {} // an answer to what was sent before
    }
  }

  /**
   * A request was not answered, or with the server's own error.
   *
   * @param isUnreached the gateway could not hand it over
   */
  public synchronized void failed(boolean isUnreached, long nowNanos) {
    long between = successes.sum() - countedSuccesses;
    countedSuccesses += between;
    boolean isRepeated = failureShare > 0 && between == 0;
    failureShare = failureShare * Math.pow(1 - WEIGHT, (double) between) * (1 - WEIGHT) + WEIGHT;
    switch (state) {
      case HEALTHY, SUSPECT -> {
        if (failureShare > PREVAILING) {
          putOut(nowNanos);
        } else if ((isUnreached && isConnectionLost) || isRepeated) {
          state = State.SUSPECT;
          untilNanos = nowNanos + SUSPICION_NANOS;
        }
      }
      case PROBING -> putOut(nowNanos);
      case OUT -> {} // sent before it was out, or because all are
    }
  }

  /**
   * The picker's own poll was answered.
   *
   * @return whether this brought back an endpoint that could not be connected to
   */
  public boolean pollAnswered() {
    if (isConnectionLost) {
      isConnectionLost = false;
    }
    return (state != State.HEALTHY || refusedPolls > 0) && isBroughtBack();
  }

  private synchronized boolean isBroughtBack() {
    boolean isBack = isUnreachable;
    refusedPolls = 0;
    if (isBack) {
      recover();
    } else if (state == State.SUSPECT) {
      state = State.HEALTHY;
    }
    return isBack;
  }

  /** The connection of the picker's own polls was closed by the endpoint. */
  public void connectionLost() {
    isConnectionLost = true;
  }

  /**
   * The picker's own poll could not connect.
   *
   * @return whether this put the endpoint out
   */
  public synchronized boolean pollRefused(long nowNanos) {
    refusedPolls++;
    if (refusedPolls < MAX_REFUSED_POLLS || isUnreachable) {
      return false;
    }
    putOut(nowNanos);
    isUnreachable = true;
    return true;
  }

  private void putOut(long nowNanos) {
    pauseNanos =
        state == State.PROBING ? Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS) : FIRST_PAUSE_NANOS;
    untilNanos = nowNanos + pauseNanos;
    offeredUntilNanos = untilNanos;
    requestsWhileOut = 0;
    state = State.OUT;
  }

  private synchronized void recover() {
    failureShare = 0;
    countedSuccesses = successes.sum();
    refusedPolls = 0;
    isUnreachable = false;
    state = State.HEALTHY;
  }
}
