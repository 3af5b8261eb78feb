package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.out.ReplicationObserver;
import ai.llmd.epp.application.port.out.ReplicationObserver.State;
import ai.llmd.epp.application.port.out.ReplicationObserver.Status;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Whether the store can be told and heard: it is cut off as long as either fails. Each change is
 * reported once. Any thread.
 */
final class StoreHealth {

  /** What is done with the store, each by a thread of its own. */
  enum Use {
    APPEND,
    READ
  }

  private final String store;
  private final LongSupplier epochMillis;
  private final ReplicationObserver observer;

  // guarded by this
  private final Map<Use, String> failures = new EnumMap<>(Use.class);
  private boolean hasJoined;
  private String joinedHow = "";
  private volatile Status status;

  /**
   * @param store its name and address, for the operator
   */
  StoreHealth(String store, LongSupplier epochMillis, ReplicationObserver observer) {
    this.store = store;
    this.epochMillis = epochMillis;
    this.observer = observer;
    this.status =
        new Status(
            State.JOINING,
            epochMillis.getAsLong(),
            "catching up with what others know in " + store);
  }

  Status status() {
    return status;
  }

  synchronized void worked(Use use) {
    if (failures.remove(use) != null) {
      judge();
    }
  }

  /**
   * @param reason a sentence without credentials
   */
  synchronized void failed(Use use, String reason) {
    if (failures.put(use, reason) == null) {
      judge();
    }
  }

  /**
   * Requests may come.
   *
   * @param how a sentence about what is known
   */
  synchronized void joined(String how) {
    if (!hasJoined) {
      hasJoined = true;
      joinedHow = how;
      judge();
    }
  }

  private void judge() {
    Status next = next();
    if (next.state() != status.state()) {
      status = next;
      observer.changed(next);
    }
  }

  private Status next() {
    long now = epochMillis.getAsLong();
    if (!failures.isEmpty()) {
      String reason = failures.values().iterator().next();
      return new Status(
          State.CUT_OFF, now, "routing by what is known here, " + store + " fails: " + reason);
    }
    return hasJoined
        ? new Status(State.SHARING, now, "shared through " + store + "; " + joinedHow)
        : new Status(State.JOINING, now, "catching up with what others know in " + store);
  }
}
