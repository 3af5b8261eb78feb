package ai.llmd.epp.application.health;

import ai.llmd.epp.application.members.ByMember;
import ai.llmd.epp.application.port.in.NotePolls;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.domain.health.EndpointHealth;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.ResponseObserver;
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

  private final ByMember<Outcomes> outcomes = new ByMember<>(Outcomes::member);

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
    for (int i = 0; i < candidates.size(); i++) {
      int slot = candidates.get(i).slot();
      Outcomes known = outcomes.at(slot);
      if (known != null && !known.health().isEligible(nowNanos)) {
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
    Outcomes known = outcomes.of(pick);
    if (known != null) {
      known.health().picked(nowNanos);
    }
    return known;
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
    if (known != null && known.health().pollAnswered()) {
      restarted.accept(endpoint);
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
    Outcomes known = outcomes.of(endpoint);
    if (known != null && known.health().pollRefused(nanoClock.getAsLong())) {
      restarted.accept(endpoint);
    }
  }

  @Override
  public void added(EndpointState endpoint) {
    outcomes.add(new Outcomes(endpoint, nanoClock));
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    outcomes.remove(endpoint);
    released.run();
  }
}
