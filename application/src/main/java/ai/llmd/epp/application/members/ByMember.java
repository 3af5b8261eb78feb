package ai.llmd.epp.application.members;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.EndpointState;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Something for each of the pool's present members, found by slot, as the pool announced them. A
 * request that was decided a moment ago may hold a candidate whose slot has another endpoint by
 * now. Any thread; reading never waits.
 *
 * @param <T> what is kept, with the member that it is kept for
 */
public final class ByMember<T> {

  private final Function<T, EndpointState> member;

  // elements change under this object's lock and are published by writing the field
  private volatile @Nullable Object[] bySlot = new Object[0];

  /**
   * @param member whom a value is kept for
   */
  public ByMember(Function<T, EndpointState> member) {
    this.member = member;
  }

  /** Keeps a value for its member, whose slot nothing else is kept for. */
  public synchronized void add(T value) {
    int slot = member.apply(value).slot();
    @Nullable Object[] current = bySlot;
    if (slot >= current.length) {
      current = Arrays.copyOf(current, Math.max(slot + 1, 2 * current.length));
    }
    current[slot] = value;
    bySlot = current;
  }

  /** Forgets what is kept for this very life of an endpoint. */
  public synchronized void remove(EndpointState gone) {
    if (of(gone) != null) {
      @Nullable Object[] current = bySlot;
      current[gone.slot()] = null;
      bySlot = current;
    }
  }

  /** One more than the highest slot that was ever taken, or more. */
  public int slotCount() {
    return bySlot.length;
  }

  /** What is kept for the member that has the slot now, or null. */
  @SuppressWarnings("unchecked") // only values are added
  public @Nullable T at(int slot) {
    @Nullable Object[] current = bySlot;
    return slot < current.length ? (T) current[slot] : null;
  }

  /** What is kept for this very life of an endpoint; null when it has left the pool. */
  @SuppressWarnings("ReferenceEquality") // another life of the endpoint is another object
  public @Nullable T of(EndpointState life) {
    T value = at(life.slot());
    return value != null && member.apply(value) == life ? value : null;
  }

  /** What is kept for the member that a candidate is a view of, or null when that has gone. */
  public @Nullable T of(Candidate candidate) {
    T value = at(candidate.slot());
    boolean isSame =
        value != null && member.apply(value).endpoint().id().equals(candidate.endpoint().id());
    return isSame ? value : null;
  }
}
