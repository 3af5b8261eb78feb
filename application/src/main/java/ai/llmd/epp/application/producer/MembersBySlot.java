package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.EndpointState;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The pool's present members by slot, as the pool announced them. A request that was decided a
 * moment ago may hold a candidate whose slot has another endpoint by now. Any thread.
 */
final class MembersBySlot {

  // elements change under this object's lock and are published by writing the field
  private volatile @Nullable EndpointState[] bySlot = new EndpointState[0];

  synchronized void add(EndpointState member) {
    @Nullable EndpointState[] current = bySlot;
    if (member.slot() >= current.length) {
      current = Arrays.copyOf(current, Math.max(member.slot() + 1, 2 * current.length));
    }
    current[member.slot()] = member;
    bySlot = current;
  }

  synchronized void remove(EndpointState member) {
    @Nullable EndpointState[] current = bySlot;
    if (has(member)) {
      current[member.slot()] = null;
      bySlot = current;
    }
  }

  /** One more than the highest slot that was ever taken, or more. */
  int slotCount() {
    return bySlot.length;
  }

  /** The member that has the slot now, or null. */
  @Nullable EndpointState at(int slot) {
    @Nullable EndpointState[] current = bySlot;
    return slot < current.length ? current[slot] : null;
  }

  /** Whether this very life of the endpoint still belongs to the pool. */
  boolean has(EndpointState member) {
    @Nullable EndpointState[] current = bySlot;
    return member.slot() < current.length && current[member.slot()] == member;
  }

  /** The member that a candidate is a view of, or null when that has gone. */
  @Nullable EndpointState memberOf(Candidate candidate) {
    @Nullable EndpointState[] current = bySlot;
    if (candidate.slot() >= current.length) {
      return null;
    }
    EndpointState member = current[candidate.slot()];
    boolean isSame = member != null && member.endpoint().id().equals(candidate.endpoint().id());
    return isSame ? member : null;
  }
}
