package ai.llmd.epp.domain.pool;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;

/**
 * The endpoints of a pool at one instant. Immutable; replaced as a whole when membership changes.
 *
 * <p>Hold one value for a whole scheduling cycle: it is the one truth about who is a member. The
 * endpoints' loads move on meanwhile; {@link #candidates()} freezes those too.
 */
public final class PoolSnapshot {

  private final String name;
  private final EndpointState[] members;
  private final int slotCount;

  private PoolSnapshot(String name, EndpointState[] members) {
    this.name = name;
    this.members = members;
    this.slotCount = members.length == 0 ? 0 : members[members.length - 1].slot() + 1;
  }

  /** A pool without endpoints. */
  public static PoolSnapshot empty(String name) {
    return new PoolSnapshot(name, new EndpointState[0]);
  }

  /** A pool of these members, whose slots must differ. */
  public static PoolSnapshot of(String name, Collection<EndpointState> members) {
    EndpointState[] bySlot =
        members.stream()
            .sorted(Comparator.comparingInt(EndpointState::slot))
            .toArray(EndpointState[]::new);
    for (int i = 1; i < bySlot.length; i++) {
      if (bySlot[i].slot() == bySlot[i - 1].slot()) {
        throw new IllegalArgumentException("two endpoints in slot " + bySlot[i].slot());
      }
    }
    return new PoolSnapshot(name, bySlot);
  }

  /**
   * This pool after a change of members. Copies references and sorts nothing but those that come.
   *
   * @param gone members that leave
   * @param come members whose slots are no other member's
   */
  public PoolSnapshot changed(Collection<EndpointState> gone, Collection<EndpointState> come) {
    if (gone.isEmpty() && come.isEmpty()) {
      return this;
    }
    BitSet left = new BitSet();
    gone.forEach(member -> left.set(member.slot()));
    EndpointState[] added =
        come.stream()
            .sorted(Comparator.comparingInt(EndpointState::slot))
            .toArray(EndpointState[]::new);
    EndpointState[] merged = new EndpointState[members.length + added.length];
    int size = 0;
    int next = 0;
    for (EndpointState member : members) {
      while (next < added.length && added[next].slot() < member.slot()) {
        merged[size++] = added[next++];
      }
      if (!left.get(member.slot())) {
        merged[size++] = member;
      }
    }
    while (next < added.length) {
      merged[size++] = added[next++];
    }
    return new PoolSnapshot(name, Arrays.copyOf(merged, size));
  }

  public String name() {
    return name;
  }

  public boolean isEmpty() {
    return members.length == 0;
  }

  /** Number of endpoints. */
  public int size() {
    return members.length;
  }

  /** One more than the highest slot: the length that a per-endpoint array needs. */
  public int slotCount() {
    return slotCount;
  }

  /** The {@code index}-th member in slot order, {@code 0 <= index < size()}. */
  public EndpointState member(int index) {
    return members[index];
  }

  /** All endpoints with their loads as of now. */
  public Candidates candidates() {
    Candidate[] all = new Candidate[members.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = members[i].current();
    }
    return Candidates.adopt(slotCount, all, all.length);
  }

  /** The same, with nothing that is too old to be used. */
  public Candidates candidates(Freshness freshness, long nowNanos) {
    Candidate[] all = new Candidate[members.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = freshness.current(members[i], nowNanos);
    }
    return Candidates.adopt(slotCount, all, all.length);
  }
}
