package ai.llmd.epp.application.health;

import ai.llmd.epp.application.members.ByMember;
import ai.llmd.epp.application.port.in.NotePolls;
import ai.llmd.epp.application.port.in.ShareClaims;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.domain.health.AnswerTimes;
import ai.llmd.epp.domain.health.AnswerTimes.Polls;
import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.health.EndpointHealth;
import ai.llmd.epp.domain.health.SlowStart;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.ResponseObserver;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The health of a pool's endpoints, and how those that join or come back get their share step by
 * step. Any thread; while all are healthy, narrowing reads one word of each and allocates nothing.
 */
public final class PoolHealth implements CandidateHealth, PoolObserver, NotePolls, ShareClaims {

  /** Instead of a mean that is not needed, or that nothing is known for. */
  private static final double NO_MEAN = -1;

  private final LongSupplier nanoClock;
  private final Consumer<EndpointState> restarted;
  private final Runnable claimsChanged;
  private final ToLongFunction<EndpointState> peersInFlight;
  private final AtomicBoolean hasChanged = new AtomicBoolean();

  private final SlowStarts slowStarts = new SlowStarts();
  private final AnswerTimes times = new AnswerTimes();
  private final ByMember<Outcomes> outcomes = new ByMember<>(Outcomes::member);

  /**
   * @param nanoClock as {@link System#nanoTime()}
   * @param restarted receives an endpoint whose port refuses connections, and again when it is
   *     back: whatever it held in memory is gone
   * @param claimsChanged run when there is something to share; any thread, cheap
   * @param peersInFlight requests that other replicas have in flight on an endpoint; is asked while
   *     one starts slowly
   */
  public PoolHealth(
      LongSupplier nanoClock,
      Consumer<EndpointState> restarted,
      Runnable claimsChanged,
      ToLongFunction<EndpointState> peersInFlight) {
    this.nanoClock = nanoClock;
    this.restarted = restarted;
    this.claimsChanged = claimsChanged;
    this.peersInFlight = peersInFlight;
  }

  @Override
  public Candidates eligible(Candidates candidates, long nowNanos) {
    BitSet avoided = null;
    double meanInFlight =
        slowStarts.areAny(nowNanos)
            ? SlowStarts.meanInFlight(candidates, outcomes, nowNanos)
            : NO_MEAN;
    double meanOfKnown = meanOfKnown(candidates);
    for (int i = 0; i < candidates.size(); i++) {
      int slot = candidates.get(i).slot();
      Outcomes known = outcomes.at(slot);
      if (known != null
          && (isAvoided(known, meanInFlight, nowNanos)
              || isFullUnseen(candidates.get(i), known, meanOfKnown))) {
        avoided = avoided == null ? new BitSet() : avoided;
        avoided.set(slot);
      }
    }
    if (avoided == null || avoided.cardinality() == candidates.size()) {
      return candidates;
    }
    BitSet left = avoided;
    return candidates.where(candidate -> !left.get(candidate.slot()));
  }

  private static boolean isAvoided(Outcomes known, double meanInFlight, long nowNanos) {
    boolean isHeldBack =
        meanInFlight >= 0 && known.isStarting(nowNanos) && known.isFull(meanInFlight, nowNanos);
    return isHeldBack || !known.health().isEligible(nowNanos);
  }

  /**
   * Whether the endpoint's load is not known, while that of others is, and it holds as much as
   * they: what scorers cannot see gets its share and no more.
   */
  private static boolean isFullUnseen(Candidate candidate, Outcomes known, double meanOfKnown) {
    return meanOfKnown >= 0 && isUnseen(candidate) && known.hasItsShare(meanOfKnown);
  }

  private static boolean isUnseen(Candidate candidate) {
    EndpointLoad.Reported reported = candidate.load().reported();
    return !reported.waitingRequests() && !reported.runningRequests();
  }

  /**
   * Requests in flight on the healthy candidates whose load is known, on average; negative where it
   * is known of all, or of none.
   */
  private double meanOfKnown(Candidates candidates) {
    int unseen = 0;
    for (int i = 0; i < candidates.size(); i++) {
      unseen += isUnseen(candidates.get(i)) ? 1 : 0;
    }
    if (unseen == 0 || unseen == candidates.size()) {
      return NO_MEAN;
    }
    int seen = 0;
    long inFlight = 0;
    for (int i = 0; i < candidates.size(); i++) {
      Outcomes known = outcomes.at(candidates.get(i).slot());
      if (known != null
          && !isUnseen(candidates.get(i))
          && known.health().state() == EndpointHealth.State.HEALTHY) {
        seen++;
        inFlight += known.inFlight();
      }
    }
    return seen == 0 ? NO_MEAN : (double) inFlight / seen;
  }

  @Override
  public @Nullable ResponseObserver picked(Candidate pick, long nowNanos) {
    Outcomes known = outcomes.of(pick);
    return known == null ? null : known.picked(nowNanos);
  }

  /** The state of one endpoint. */
  public EndpointHealth.State state(Candidate candidate) {
    Outcomes known = outcomes.of(candidate);
    return known == null ? EndpointHealth.State.HEALTHY : known.health().state();
  }

  /**
   * What is known of an endpoint now.
   *
   * @param inFlight requests of this replica that were sent there and are not over
   * @param isStarting whether it gets its share step by step
   */
  public record Condition(EndpointHealth.State state, int inFlight, boolean isStarting) {

    /** Of an endpoint that is not in the pool. */
    static final Condition UNKNOWN = new Condition(EndpointHealth.State.HEALTHY, 0, false);
  }

  /** What is known of an endpoint now. Any thread. */
  public Condition condition(EndpointState endpoint) {
    Outcomes known = outcomes.of(endpoint);
    return known == null ? Condition.UNKNOWN : known.condition(nanoClock.getAsLong());
  }

  /** How many endpoints are in a state. */
  public int count(EndpointHealth.State state) {
    int count = 0;
    for (int slot = 0; slot < outcomes.slotCount(); slot++) {
      Outcomes known = outcomes.at(slot);
      count += known != null && known.health().state() == state ? 1 : 0;
    }
    return count;
  }

  @Override
  public void answered(EndpointState endpoint) {
    Outcomes known = outcomes.of(endpoint);
    if (known != null) {
      long now = nanoClock.getAsLong();
      known.polled(Polls.ANSWERED, now);
      if (known.health().pollAnswered(now)) {
        restarted.accept(endpoint);
      }
    }
  }

  @Override
  public void sampled(EndpointState endpoint) {
    Outcomes known = outcomes.of(endpoint);
    if (known != null) {
      known.sampled(nanoClock.getAsLong());
    }
  }

  @Override
  public void unanswered(EndpointState endpoint) {
    Outcomes known = outcomes.of(endpoint);
    if (known != null) {
      known.polled(Polls.UNANSWERED, nanoClock.getAsLong());
    }
  }

  @Override
  public void lost(EndpointState endpoint) {
    Outcomes known = outcomes.of(endpoint);
    if (known != null) {
      known.health().connectionLost();
    }
  }

  @Override
  public void refused(EndpointState endpoint) {
    pollFailed(endpoint, true);
  }

  @Override
  public void unreachable(EndpointState endpoint) {
    pollFailed(endpoint, false);
  }

  private void pollFailed(EndpointState endpoint, boolean isPortClosed) {
    Outcomes known = outcomes.of(endpoint);
    if (known != null && known.health().pollFailed(isPortClosed, nanoClock.getAsLong())) {
      restarted.accept(endpoint);
    }
  }

  @Override
  public boolean takeChanged() {
    return hasChanged.getAndSet(false);
  }

  @Override
  public Claim claim(EndpointState endpoint) {
    Outcomes known = outcomes.of(endpoint);
    return known == null ? Claim.NONE : known.health().claim();
  }

  @Override
  public void claimed(long peer, EndpointState endpoint, Claim claim) {
    Outcomes known = outcomes.of(endpoint);
    if (known != null) {
      known.health().peerClaims(peer, claim, nanoClock.getAsLong());
    }
  }

  @Override
  public void gone(long peer) {
    for (int slot = 0; slot < outcomes.slotCount(); slot++) {
      Outcomes known = outcomes.at(slot);
      if (known != null) {
        known.health().peerGone(peer, nanoClock.getAsLong());
      }
    }
  }

  private void claimChanged() {
    hasChanged.set(true);
    claimsChanged.run();
  }

  @Override
  public void added(EndpointState endpoint) {
    long now = nanoClock.getAsLong();
    var joined =
        new Outcomes(endpoint, this::claimChanged, slowStarts, times, peersInFlight, nanoClock);
    if (isAnySettled(now)) {
      joined.startSlowly(now);
    }
    outcomes.add(joined);
  }

  /** Of a pool that is new itself none starts slowly. */
  private boolean isAnySettled(long nowNanos) {
    for (int slot = 0; slot < outcomes.slotCount(); slot++) {
      Outcomes known = outcomes.at(slot);
      if (known != null && known.ageNanos(nowNanos) >= SlowStart.NANOS) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    outcomes.remove(endpoint);
    released.run();
  }
}
