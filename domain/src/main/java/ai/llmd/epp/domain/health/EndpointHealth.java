package ai.llmd.epp.domain.health;

import ai.llmd.epp.domain.health.Claim.Finding;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/*
 *              a failure that weighs             failures prevail, or polls refused, or silence, or peers' claim
 *   HEALTHY ──────────────────────────▶ SUSPECT ─────────────────────────────────────▶ OUT
 *      ▲        a success, or a poll       │                                         │   ▲
 *      │◀──────────────────────────────────┘           the pause is over, and picked │   │ a failure, or
 *      │                                                                             ▼   │ no answer in time
 *      │◀──────────────────────── a success ────────────────────────────────────── PROBING
 *      │◀──────── any answer, when silence put the endpoint out ──────────────────────────── OUT
 *      │◀──────── a poll is answered, when it was refused polls that put the endpoint out ── OUT
 *      └◀──────── what peers claimed is contradicted or withdrawn, when nothing else did ─── OUT
 *
 * The share of failures is an average over outcomes in which each new one weighs a quarter, so that
 * three failures in a row, or more than every second one for a while, prevail: it is then above one
 * half. An endpoint is suspect when a request could not be handed over to it and the connection of the
 * picker's own polls is gone as well, or when two outcomes in a row were failures, or one after its
 * responses were cut all at once: a single request that no server could serve does not push a busy
 * server aside, and where a server is gone the client's next try goes elsewhere.
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

  /**
   * Requests between two probes, so that they are less than a hundredth of the traffic: also when
   * several replicas, each of which counts its own requests, happen to probe at the same time.
   */
  static final int REQUESTS_PER_PROBE = 150;

  /** With less traffic than that, a request a second, a probe is due this long after the pause. */
  static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(150);

  /** A probe that has not been answered by then is taken for lost. */
  static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** A probe that was offered to a request which was sent elsewhere is offered again after this. */
  static final long OFFER_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final double WEIGHT = 0.25;
  private static final double PREVAILING = 0.5;
  private static final int MAX_FAILED_POLLS = 2;

  /** What put the endpoint out. */
  private enum Cause {
    FAILURES,
    /** Polls could not connect. */
    POLLS,
    /** Requests were sent and no answer came to any, for longer than answers take. */
    SILENCE,
    /** What peers claim, and nothing of this replica's own. */
    PEERS
  }

  /** Is called under the endpoint's lock; cheap. */
  public interface Listener {

    /** {@link #claim} has changed. */
    void claimChanged();

    /** It gets its share again, after a second or more without. */
    void cameBack(long nowNanos);
  }

  private static final long SHORT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Listener listener;
  private final LongAdder successes = new LongAdder();
  private volatile State state = State.HEALTHY;
  private volatile int failedPolls; // written under this object's lock
  private volatile boolean isConnectionLost; // since the last poll that was answered

  // guarded by this
  private double failureShare;
  private long countedSuccesses;
  private final PeerClaims peers = new PeerClaims();
  private final CutResponses cuts = new CutResponses();
  private Cause cause = Cause.FAILURES; // means something in OUT and PROBING
  private Claim claim = Claim.NONE;
  private boolean isRefused; // by the port, in the polls that put the endpoint out
  private long untilNanos; // of the suspicion, the pause or the probe
  private long offeredUntilNanos; // the probe that was offered last
  private int requestsWhileOut;
  private long outSinceNanos;
  private long pauseNanos = FIRST_PAUSE_NANOS;

  public EndpointHealth(Listener listener) {
    this.listener = listener;
  }

  public State state() {
    return state;
  }

  /** What this replica itself holds against the endpoint; what peers claim is not in it. */
  public synchronized Claim claim() {
    return claim;
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
      case OUT -> cause != Cause.POLLS && isProbeOffered(nowNanos);
      case PROBING -> {
        if (nowNanos - untilNanos >= 0) {
          putOut(Cause.FAILURES, nowNanos);
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
    if (state == State.OUT && cause != Cause.POLLS) {
      state = State.PROBING;
      untilNanos = nowNanos + PROBE_NANOS;
    }
  }

  /** A request was answered, be it with the client's own error. */
  public void succeeded(long nowNanos) {
    successes.increment();
    if (state != State.HEALTHY) {
      recoverAfterSuccess(nowNanos);
    }
  }

  private synchronized void recoverAfterSuccess(long nowNanos) {
    switch (state) {
      case SUSPECT -> state = State.HEALTHY;
      case PROBING -> {
        peers.contradict(true, nowNanos);
        recover(nowNanos);
      }
      case OUT -> {
        if (cause == Cause.PEERS || cause == Cause.SILENCE) {
          peers.contradict(true, nowNanos);
          recover(nowNanos);
        } // otherwise an answer to what was sent before
      }
      case HEALTHY -> {}
    }
  }

  /**
   * A request was not answered, or with the server's own error.
   *
   * @param isUnreached the gateway could not hand it over
   */
  public synchronized void failed(boolean isUnreached, long nowNanos) {
    long answers = successes.sum();
    long between = answers - countedSuccesses;
    countedSuccesses = answers;
    boolean isRepeated = (failureShare > 0 && between == 0) || cuts.wereAllCut(answers);
    failureShare = failureShare * Math.pow(1 - WEIGHT, (double) between) * (1 - WEIGHT) + WEIGHT;
    switch (state) {
      case HEALTHY, SUSPECT -> {
        if (failureShare > PREVAILING) {
          putOut(Cause.FAILURES, nowNanos);
        } else if ((isUnreached && isConnectionLost) || isRepeated) {
          state = State.SUSPECT;
          untilNanos = nowNanos + SUSPICION_NANOS;
        }
      }
      case PROBING -> putOut(Cause.FAILURES, nowNanos);
      case OUT -> {} // sent before it was out, or because all are
    }
  }

  /**
   * A response ended before its end. The gateway does not show whether the server or the client
   * ended it; it was the server when the connection of the polls is gone as well. Where most of the
   * endpoint's responses were cut at once, the next failure counts as one that is repeated.
   *
   * @param stillOpen requests at the endpoint that go on
   */
  public synchronized void cutShort(long stillOpen, long nowNanos) {
    if (isConnectionLost) {
      failed(true, nowNanos);
    } else {
      cuts.add(stillOpen, successes.sum(), nowNanos);
    }
  }

  /** Requests have waited for any answer at all for longer than answers take. */
  public synchronized void fellSilent(long nowNanos) {
    if (state == State.HEALTHY || state == State.SUSPECT) {
      putOut(Cause.SILENCE, nowNanos);
    }
  }

  /**
   * The picker's own poll was answered.
   *
   * @return whether this brought back an endpoint whose port had refused connections: whatever it
   *     held in memory is gone
   */
  public boolean pollAnswered(long nowNanos) {
    if (isConnectionLost) {
      isConnectionLost = false;
    }
    return (state != State.HEALTHY || failedPolls > 0) && isBroughtBack(nowNanos);
  }

  private synchronized boolean isBroughtBack(long nowNanos) {
    boolean isRestarted = isOutFor(Cause.POLLS) && isRefused;
    failedPolls = 0;
    peers.contradict(false, nowNanos);
    if (isOutFor(Cause.POLLS) || isOutFor(Cause.PEERS)) {
      backUnlessPeersClaim(nowNanos);
    } else if (state == State.SUSPECT) {
      state = State.HEALTHY;
    }
    return isRestarted;
  }

  private boolean isOutFor(Cause possible) {
    return state == State.OUT && cause == possible;
  }

  private void backUnlessPeersClaim(long nowNanos) {
    if (!peers.areBelieved(nowNanos)) {
      recover(nowNanos);
    } else if (cause != Cause.PEERS) {
      putOut(Cause.PEERS, nowNanos);
    }
  }

  /** The connection of the picker's own polls was closed by the endpoint. */
  public void connectionLost() {
    isConnectionLost = true;
  }

  /**
   * The picker's own poll could not connect. The first one that is refused is enough after the
   * connection of the polls before was closed by the endpoint.
   *
   * @param isPortClosed whether the port refused; otherwise there was no answer at all, which may
   *     be the network's doing
   * @return whether this put the endpoint out because its port is closed
   */
  public synchronized boolean pollFailed(boolean isPortClosed, long nowNanos) {
    failedPolls++;
    boolean isGone = isPortClosed && isConnectionLost;
    if (isOutFor(Cause.POLLS)) {
      boolean isNews = isPortClosed && !isRefused;
      isRefused |= isPortClosed;
      return isNews;
    }
    if (failedPolls < MAX_FAILED_POLLS && !isGone) {
      return false;
    }
    putOut(Cause.POLLS, nowNanos);
    isRefused = isPortClosed;
    return isPortClosed;
  }

  /**
   * Another replica claims something against the endpoint, or withdraws what it claimed. A claim
   * counts until there is newer evidence here: an answered poll where connections failed, an
   * answered request whatever was claimed.
   *
   * @param peer the other replica, the same number each time
   */
  public synchronized void peerClaims(long peer, Claim theirs, long nowNanos) {
    Finding before = peers.put(peer, theirs);
    boolean isWithdrawn = before == Finding.FAILING && theirs.finding() == Finding.NONE;
    if (isWithdrawn && isOutFor(Cause.FAILURES)) {
      untilNanos = nowNanos; // it got an answer: worth a probe at once
      offeredUntilNanos = nowNanos;
      pauseNanos = FIRST_PAUSE_NANOS;
    }
    followPeers(nowNanos);
  }

  /** Another replica is gone, and with it what it claimed. */
  public synchronized void peerGone(long peer, long nowNanos) {
    peers.forget(peer);
    followPeers(nowNanos);
  }

  private void followPeers(long nowNanos) {
    boolean isWell = state == State.HEALTHY || state == State.SUSPECT;
    if (isWell && peers.areBelieved(nowNanos)) {
      putOut(Cause.PEERS, nowNanos);
    } else if (isOutFor(Cause.PEERS) && !peers.areBelieved(nowNanos)) {
      recover(nowNanos);
    }
  }

  private void putOut(Cause why, long nowNanos) {
    pauseNanos =
        state == State.PROBING ? Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS) : FIRST_PAUSE_NANOS;
    untilNanos = nowNanos + pauseNanos;
    offeredUntilNanos = untilNanos;
    requestsWhileOut = 0;
    cause = why;
    if (state != State.PROBING && state != State.OUT) {
      outSinceNanos = nowNanos;
    }
    state = State.OUT;
    switch (why) {
      case FAILURES, SILENCE -> found(Finding.FAILING, nowNanos);
      case POLLS -> found(Finding.UNREACHABLE, nowNanos);
      case PEERS -> found(Finding.NONE, nowNanos);
    }
  }

  private void recover(long nowNanos) {
    failureShare = 0;
    countedSuccesses = successes.sum();
    failedPolls = 0;
    isRefused = false;
    state = State.HEALTHY;
    found(Finding.NONE, nowNanos);
    if (nowNanos - outSinceNanos >= SHORT_NANOS) {
      listener.cameBack(nowNanos);
    }
  }

  private void found(Finding finding, long episode) {
    if (finding != claim.finding()) {
      claim = new Claim(finding, episode);
      listener.claimChanged();
    }
  }
}
