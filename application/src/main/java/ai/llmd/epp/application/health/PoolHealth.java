package ai.llmd.epp.application.health;

import ai.llmd.epp.application.port.in.NotePolls;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.domain.health.EndpointHealth;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.ResponseObserver;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The health of a pool's endpoints. Any thread; while all are healthy, narrowing reads one word of
 * each and allocates nothing.
 */
public final class PoolHealth implements CandidateHealth, PoolObserver, NotePolls {

  private final LongSupplier nanoClock;
  private final Consumer<EndpointState> restarted;

  // elements change under this object's lock and are published by writing the field
  private volatile @Nullable Outcomes[] bySlot = new Outcomes[0];

  /**
   * @param nanoClock as {@link System#nanoTime()}
   * @param restarted receives an endpoint that could not be connected to for a while and is there
   *     again: whatever it held in memory is gone
   */
  public PoolHealth(LongSupplier nanoClock, Consumer<EndpointState> restarted) {
    this.nanoClock = nanoClock;
    this.restarted = restarted;
  }

  @Override
  public Candidates eligible(Candidates candidates, long nowNanos) {
    BitSet avoided = null;
    @Nullable Outcomes[] current = bySlot;
    for (int i = 0; i < candidates.size(); i++) {
      int slot = candidates.get(i).slot();
      Outcomes outcomes = slot < current.length ? current[slot] : null;
      if (outcomes != null && !outcomes.health().isEligible(nowNanos)) {
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

  @Override
  public @Nullable ResponseObserver picked(Candidate pick, long nowNanos) {
    @Nullable Outcomes[] current = bySlot;
    Outcomes outcomes = pick.slot() < current.length ? current[pick.slot()] : null;
    if (outcomes == null || !isOf(outcomes, pick)) {
      return null;
    }
    outcomes.health().picked(nowNanos);
    return outcomes;
  }

  private static boolean isOf(Outcomes outcomes, Candidate pick) {
    return outcomes.member().endpoint().id().equals(pick.endpoint().id());
  }

  /** How many endpoints are in a state. */
  public int count(EndpointHealth.State state) {
    int count = 0;
    for (Outcomes outcomes : bySlot) {
      count += outcomes != null && outcomes.health().state() == state ? 1 : 0;
    }
    return count;
  }

  @Override
  public void answered(EndpointState endpoint) {
    Outcomes outcomes = of(endpoint);
    if (outcomes != null && outcomes.health().pollAnswered()) {
      restarted.accept(endpoint);
    }
  }

  @Override
  public void lost(EndpointState endpoint) {
    Outcomes outcomes = of(endpoint);
    if (outcomes != null) {
      outcomes.health().connectionLost();
    }
  }

  @Override
  public void refused(EndpointState endpoint) {
    Outcomes outcomes = of(endpoint);
    if (outcomes != null && outcomes.health().pollRefused(nanoClock.getAsLong())) {
      restarted.accept(endpoint);
    }
  }

  private @Nullable Outcomes of(EndpointState endpoint) {
    @Nullable Outcomes[] current = bySlot;
    Outcomes outcomes = endpoint.slot() < current.length ? current[endpoint.slot()] : null;
    return outcomes != null && outcomes.member() == endpoint ? outcomes : null;
  }

  @Override
  public synchronized void added(EndpointState endpoint) {
    @Nullable Outcomes[] current = bySlot;
    if (endpoint.slot() >= current.length) {
      current = Arrays.copyOf(current, Math.max(endpoint.slot() + 1, 2 * current.length));
    }
    current[endpoint.slot()] = new Outcomes(endpoint, nanoClock);
    bySlot = current;
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    remove(endpoint);
    released.run();
  }

  private synchronized void remove(EndpointState endpoint) {
    if (of(endpoint) != null) {
      @Nullable Outcomes[] current = bySlot;
      current[endpoint.slot()] = null;
      bySlot = current;
    }
  }
}
