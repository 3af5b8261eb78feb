package ai.llmd.epp.domain.session;

import ai.llmd.epp.domain.pool.EndpointId;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which endpoint a session is bound to, for a bounded number of sessions. Any thread;
 * looking up never waits, binding waits for other bindings only.
 */
public final class SessionDirectory {

  /** Sessions swept while the lock is held, so that nobody waits long for a large sweep. */
  private static final int SWEEP_BATCH = 256;

  private final int maxSessions;
  private final ConcurrentHashMap<String, Binding> bindings = new ConcurrentHashMap<>();

  // guarded by this: a ring through all bindings, the longest unused behind the anchor
  private final Binding anchor = new Binding("", new EndpointId("", ""));

  private static final class Binding {
    final String session;
    volatile EndpointId endpoint;
    volatile long usedAtNanos;
    Binding before = this;
    Binding after = this;

    Binding(String session, EndpointId endpoint) {
      this.session = session;
      this.endpoint = endpoint;
    }

    void unlink() {
      before.after = after;
      after.before = before;
    }

    void linkBefore(Binding other) {
      before = other.before;
      after = other;
      before.after = this;
      other.before = this;
    }
  }

  /**
   * @param maxSessions bound on the sessions remembered, 1 or more; the longest unused goes first
   */
  public SessionDirectory(int maxSessions) {
    if (maxSessions < 1) {
      throw new IllegalArgumentException("maxSessions must be 1 or more, was " + maxSessions);
    }
    this.maxSessions = maxSessions;
  }

  /** The endpoint that a session is bound to, or null. Does not count as use. */
  public @Nullable EndpointId endpointOf(String session) {
    Binding binding = bindings.get(session);
    return binding == null ? null : binding.endpoint;
  }

  /**
   * The endpoint that a session is bound to; null when it is not, and also when a {@link
   * #sweep(long, long)} with the same arguments would drop it. Does not count as use.
   */
  public @Nullable EndpointId endpointOf(String session, long nowNanos, long unusedNanos) {
    Binding binding = bindings.get(session);
    return binding == null || nowNanos - binding.usedAtNanos > unusedNanos
        ? null
        : binding.endpoint;
  }

  /**
   * Binds, rebinds or refreshes a session.
   *
   * @param nowNanos {@link System#nanoTime()}, the time of use
   */
  public synchronized void bind(String session, EndpointId endpoint, long nowNanos) {
    Binding binding = bindings.get(session);
    if (binding == null) {
      binding = new Binding(session, endpoint);
      bindings.put(session, binding);
      if (bindings.size() > maxSessions) {
        drop(anchor.after);
      }
    } else {
      binding.endpoint = endpoint;
      binding.unlink();
    }
    binding.usedAtNanos = nowNanos;
    binding.linkBefore(anchor);
  }

  /** Drops sessions that nobody used since {@code nowNanos - unusedNanos}. */
  public void sweep(long nowNanos, long unusedNanos) {
    boolean isMoreLikely = true;
    while (isMoreLikely) {
      isMoreLikely = sweepSome(nowNanos, unusedNanos);
    }
  }

  /**
   * Like {@link #sweep(long, long)}, but drops a bounded number, for callers in a hurry.
   *
   * @return whether there may be more to drop
   */
  public synchronized boolean sweepSome(long nowNanos, long unusedNanos) {
    for (int i = 0; i < SWEEP_BATCH; i++) {
      Binding oldest = anchor.after;
      if (oldest == anchor || nowNanos - oldest.usedAtNanos <= unusedNanos) {
        return false;
      }
      drop(oldest);
    }
    return true;
  }

  /** Number of sessions remembered. */
  public int size() {
    return bindings.size();
  }

  private void drop(Binding binding) {
    binding.unlink();
    bindings.remove(binding.session);
  }
}
