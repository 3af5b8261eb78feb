package ai.llmd.epp.application.health;

import ai.llmd.epp.domain.health.AnswerTimes;
import ai.llmd.epp.domain.health.AnswerTimes.Polls;
import ai.llmd.epp.domain.health.EndpointHealth;
import ai.llmd.epp.domain.health.SlowStart;
import ai.llmd.epp.domain.health.Standstill;
import ai.llmd.epp.domain.pool.EndpointState;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/** What is learned about one endpoint from the requests that were sent to it. Any thread. */
final class Outcomes implements EndpointHealth.Listener {

  private final EndpointState member;
  private final Runnable claimChanged;
  private final SlowStarts slowStarts;
  private final AnswerTimes times;
  private final ToLongFunction<EndpointState> peersInFlight;
  private final LongSupplier nanoClock;
  private final EndpointHealth health = new EndpointHealth(this);
  private final FreeOutcomes free = new FreeOutcomes();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger unanswered = new AtomicInteger();
  private final long joinedAtNanos;
  private volatile long quietSinceNanos; // no answer since, while some are awaited
  private volatile Polls polls = Polls.NONE;
  private volatile long startedAtNanos;
  private volatile boolean isStarting;
  private final Standstill standstill = new Standstill();
  private boolean isDoubted; // as standstill, the thread of the polls only

  /**
   * @param claimChanged run when there is something to share
   * @param slowStarts knows whether any endpoint starts slowly
   * @param times of the whole pool
   * @param peersInFlight requests of other replicas on an endpoint
   */
  Outcomes(
      EndpointState member,
      Runnable claimChanged,
      SlowStarts slowStarts,
      AnswerTimes times,
      ToLongFunction<EndpointState> peersInFlight,
      LongSupplier nanoClock) {
    this.member = member;
    this.claimChanged = claimChanged;
    this.slowStarts = slowStarts;
    this.times = times;
    this.peersInFlight = peersInFlight;
    this.nanoClock = nanoClock;
    this.joinedAtNanos = nanoClock.getAsLong();
  }

  EndpointState member() {
    return member;
  }

  EndpointHealth health() {
    return health;
  }

  long nowNanos() {
    return nanoClock.getAsLong();
  }

  /** Over all replicas, as far as it is shared. */
  long inFlight() {
    return inFlight.get() + peersInFlight.applyAsLong(member);
  }

  /** What is known now. */
  PoolHealth.Condition condition(long nowNanos) {
    return new PoolHealth.Condition(health.state(), inFlight.get(), isStarting(nowNanos));
  }

  /** How long it has been in the pool. */
  long ageNanos(long nowNanos) {
    return nowNanos - joinedAtNanos;
  }

  /** A request is sent here; the result follows its response. */
  Outcome picked(long nowNanos) {
    health.picked(nowNanos);
    inFlight.incrementAndGet();
    if (unanswered.get() == 0) {
      quietSinceNanos = nowNanos; // before it is awaited
    } else {
      noteSilence(nowNanos);
    }
    unanswered.incrementAndGet();
    Outcome spare = free.take();
    return (spare == null ? new Outcome(this) : spare).begin(nowNanos);
  }

  /** An outcome's request is over. */
  void release(Outcome over) {
    free.give(over);
  }

  /** The headers of a response have come, whatever is in them. */
  void answered(long pickedAtNanos, long nowNanos) {
    unanswered.decrementAndGet();
    quietSinceNanos = nowNanos;
    times.answered(nowNanos - pickedAtNanos);
  }

  /** A request is over. */
  void ended(boolean isAnswered) {
    inFlight.decrementAndGet();
    if (!isAnswered) {
      unanswered.decrementAndGet();
    }
  }

  /** A response that had begun ended before its end; its request is over. */
  void cutShort() {
    health.cutShort(inFlight.get(), nowNanos());
  }

  /** Polls of the port that serves requests were answered, or not. */
  void polled(Polls now, long nowNanos) {
    if (polls != now) {
      polls = now;
    }
    noteSilence(nowNanos);
  }

  /** There is a new sample of its load. */
  void sampled(long nowNanos) {
    boolean isFrozen = standstill.sampled(member.load(), inFlight.get(), nowNanos);
    if (isFrozen != isDoubted) {
      isDoubted = isFrozen;
      member.doubt(isFrozen);
    }
  }

  /** Whether one request more would be more than the others hold on average, which is known. */
  boolean hasItsShare(double meanInFlight) {
    return inFlight() + 1 > Math.max(1, meanInFlight);
  }

  private void noteSilence(long nowNanos) {
    if (unanswered.get() > 0 && nowNanos - quietSinceNanos > times.longestSilenceNanos(polls)) {
      health.fellSilent(nowNanos);
    }
  }

  @Override
  public void claimChanged() {
    claimChanged.run();
  }

  @Override
  public void cameBack(long nowNanos) {
    startSlowly(nowNanos);
  }

  /** From now on it gets its share step by step. */
  void startSlowly(long nowNanos) {
    startedAtNanos = nowNanos;
    isStarting = true;
    slowStarts.begun(nowNanos);
  }

  boolean isStarting(long nowNanos) {
    if (isStarting && nowNanos - startedAtNanos >= SlowStart.NANOS) {
      isStarting = false;
    }
    return isStarting;
  }

  /** Whether it holds as much as it may while it starts. */
  boolean isFull(double meanInFlight, long nowNanos) {
    return inFlight() >= SlowStart.maxInFlight(meanInFlight, nowNanos - startedAtNanos);
  }
}
