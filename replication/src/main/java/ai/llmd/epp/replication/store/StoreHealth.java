package ai.llmd.epp.replication.store;

import ai.llmd.epp.application.port.out.ReplicationObserver;
import ai.llmd.epp.application.port.out.ReplicationObserver.State;
import ai.llmd.epp.application.port.out.ReplicationObserver.Status;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether appends and reads succeed: the replica is cut off as long as either fails, and when the
 * thread that makes them has not come round for long. It shares only once something was read. Each
 * change of state is reported to the observer once. Any thread.
 */
public final class StoreHealth {

  /** The two kinds of calls, each made by a thread of its own. */
  public enum Use {
    APPEND("the sender"),
    READ("the reader");

    private final String thread;

    Use(String thread) {
      this.thread = thread;
    }
  }

  private final String store;
  private final long maxSilenceNanos;
  private final LongSupplier epochMillis;
  private final ReplicationObserver observer;

  // guarded by this
  private final Map<Use, String> failures = new EnumMap<>(Use.class);
  private final Map<Use, Long> beatsAtNanos = new EnumMap<>(Use.class);
  private boolean hasJoined;
  private boolean hasRead;
  private String joinDetail = "";
  private volatile Status status;

  /**
   * @param store its name and address, for the operator
   * @param maxSilence how long a thread may be at one call before it counts as hung
   */
  public StoreHealth(
      String store, Duration maxSilence, LongSupplier epochMillis, ReplicationObserver observer) {
    this.store = store;
    this.maxSilenceNanos = maxSilence.toNanos();
    this.epochMillis = epochMillis;
    this.observer = observer;
    this.status =
        new Status(
            State.JOINING, epochMillis.getAsLong(), "catching up with peers through " + store);
  }

  public Status status() {
    return status;
  }

  /** A call succeeded. */
  public synchronized void succeeded(Use use) {
    boolean isFirstRead = use == Use.READ && !hasRead;
    hasRead |= isFirstRead;
    if (failures.remove(use) != null || isFirstRead) {
      update();
    }
  }

  /** The thread that makes such calls is alive, whether they succeed or not. */
  public synchronized void beat(Use use, long nowNanos) {
    beatsAtNanos.put(use, nowNanos);
  }

  /** Looks for threads that began and hang. */
  public synchronized void check(long nowNanos) {
    beatsAtNanos.forEach(
        (use, beatAtNanos) -> {
          if (nowNanos - beatAtNanos > maxSilenceNanos) {
            long seconds = TimeUnit.NANOSECONDS.toSeconds(nowNanos - beatAtNanos);
            failed(use, use.thread + " has hung for " + seconds + " s");
          }
        });
  }

  /**
   * A call failed.
   *
   * @param reason a sentence without credentials
   */
  public synchronized void failed(Use use, String reason) {
    if (failures.put(use, reason) == null) {
      update();
    }
  }

  /**
   * The replica takes requests from now on; the first call counts.
   *
   * @param how a sentence on how complete its state is
   */
  public synchronized void joined(String how) {
    if (!hasJoined) {
      hasJoined = true;
      joinDetail = how;
      update();
    }
  }

  private void update() {
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
          State.CUT_OFF, now, "routing with local state only, " + store + " fails: " + reason);
    }
    if (hasJoined && !hasRead) {
      return new Status(State.JOINING, now, "nothing was read from " + store + " yet");
    }
    return hasJoined
        ? new Status(State.SHARING, now, "shared through " + store + "; " + joinDetail)
        : new Status(State.JOINING, now, "catching up with peers through " + store);
  }
}
