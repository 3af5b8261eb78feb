package ai.llmd.epp.domain.state;

import ai.llmd.epp.domain.pool.EndpointId;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which endpoint a session is bound to, for a bounded number of sessions. Any thread;
 * looking up never waits, binding waits for other bindings only.
 */
public final class SessionDirectory {

  /** Sessions swept while the lock is held, so that a large sweep delays no request for long. */
  private static final int SWEEP_BATCH = 256;

  /** How often a session that is used and stays where it is is sent to other replicas. */
  private static final long REFRESH_MILLIS = 5_000;

  /**
   * Stands for no endpoint: what a session is bound to whose binding was taken back. It travels to
   * other replicas as a binding does, so that the later of the two counts there as well.
   */
  private static final EndpointId NOWHERE = new EndpointId("", "");

  private static final Bound NOT_YET = new Bound(NOWHERE, new BindingStamp(Long.MIN_VALUE, 0), 0);

  private final String plugin;
  private final int maxSessions;
  private final Sharing sharing;
  private final ConcurrentHashMap<SessionKey, Binding> bindings = new ConcurrentHashMap<>();

  /** Bindings to nowhere; changes under this object's lock. */
  private final AtomicInteger unbound = new AtomicInteger();

  // guarded by this: a ring through all bindings, the longest unused behind the anchor
  private final Binding anchor = new Binding(new SessionKey(0, 0));

  /** To which endpoint, and since when: read together. */
  private record Bound(EndpointId endpoint, BindingStamp stamp, long usedAtNanos) {}

  private static final class Binding {
    final SessionKey session;
    volatile Bound bound = NOT_YET;
    long sharedAtMillis;
    Binding before = this;
    Binding after = this;

    Binding(SessionKey session) {
      this.session = session;
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
   * @param plugin instance name of the plugin whose sessions these are
   * @param maxSessions bound on the sessions remembered, 1 or more; the longest unused goes first
   * @param sharing receives bindings
   */
  public SessionDirectory(String plugin, int maxSessions, Sharing sharing) {
    if (maxSessions < 1) {
      throw new IllegalArgumentException("maxSessions must be 1 or more, was " + maxSessions);
    }
    this.plugin = plugin;
    this.maxSessions = maxSessions;
    this.sharing = sharing;
  }

  /**
   * The endpoint that a session is bound to; null when it is not, and also when {@link #sweepSome}
   * with the same arguments may drop it. Does not count as use.
   */
  public @Nullable EndpointId endpointOf(String session, long nowNanos, long unusedNanos) {
    Binding binding = bindings.get(key(session));
    Bound bound = binding == null ? NOT_YET : binding.bound;
    return nowhere(bound) == 0 && nowNanos - bound.usedAtNanos <= unusedNanos
        ? bound.endpoint
        : null;
  }

  @SuppressWarnings("ReferenceEquality") // one instance stands for it
  private static boolean isUnknown(Bound bound) {
    return bound == NOT_YET;
  }

  private SessionKey key(String session) {
    return SessionKey.of(session, sharing.hashSecret());
  }

  /**
   * Binds, rebinds or refreshes a session.
   *
   * @param nowNanos {@link System#nanoTime()}, the time of use
   */
  public synchronized void bind(String session, EndpointId endpoint, long nowNanos) {
    bind(require(key(session)), endpoint, nowNanos);
  }

  private void bind(Binding binding, EndpointId endpoint, long nowNanos) {
    Bound before = binding.bound;
    long millis = Math.max(sharing.epochMillis().getAsLong(), before.stamp.epochMillis() + 1);
    var stamp = new BindingStamp(millis, sharing.writer());
    put(binding, new Bound(endpoint, stamp, nowNanos));
    binding.linkBefore(anchor);
    if (!before.endpoint.equals(endpoint) || millis - binding.sharedAtMillis >= REFRESH_MILLIS) {
      binding.sharedAtMillis = millis;
      sharing.sessions().bound(plugin, binding.session, endpoint, stamp);
    }
  }

  /** Unbinds a session that is bound to this endpoint, for all replicas. */
  public synchronized void unbind(String session, EndpointId endpoint) {
    Binding binding = bindings.get(key(session));
    if (binding != null && binding.bound.endpoint.equals(endpoint)) {
      binding.unlink();
      bind(binding, NOWHERE, binding.bound.usedAtNanos);
    }
  }

  /**
   * Takes over what another replica has bound, unless what is known here is newer. Doing it twice,
   * or in another order, comes to the same.
   *
   * @param nowNanos {@link System#nanoTime()}
   */
  public synchronized void merge(
      SessionKey session, EndpointId endpoint, BindingStamp stamp, long nowNanos) {
    Binding known = bindings.get(session);
    if (known != null && known.bound.stamp.compareTo(stamp) >= 0) {
      return;
    }
    long ageMillis = Math.max(0, sharing.epochMillis().getAsLong() - stamp.epochMillis());
    long usedAtNanos = nowNanos - TimeUnit.MILLISECONDS.toNanos(ageMillis);
    Binding binding = require(session);
    put(binding, new Bound(endpoint, stamp, usedAtNanos));
    binding.linkBefore(anchor);
  }

  /**
   * Every session and what it is bound to, in no order, read while it goes on; without a name is
   * the endpoint of one that was unbound. Any thread.
   */
  public Iterator<BoundSession> sessions() {
    return bindings.values().stream()
        .map(binding -> Map.entry(binding.session, binding.bound))
        .filter(entry -> !isUnknown(entry.getValue()))
        .map(e -> new BoundSession(e.getKey(), e.getValue().endpoint, e.getValue().stamp))
        .iterator();
  }

  /** The session's binding, out of the ring. */
  private Binding require(SessionKey session) {
    Binding binding = bindings.get(session);
    if (binding != null) {
      binding.unlink();
      return binding;
    }
    binding = new Binding(session);
    bindings.put(session, binding);
    unbound.incrementAndGet();
    if (bindings.size() > maxSessions) {
      drop(anchor.after);
    }
    return binding;
  }

  /**
   * Drops sessions not used since {@code nowNanos - unusedNanos}, a bounded number at a time so
   * that no request waits long.
   *
   * @return whether there may be more to drop
   */
  public synchronized boolean sweepSome(long nowNanos, long unusedNanos) {
    for (int i = 0; i < SWEEP_BATCH; i++) {
      Binding oldest = anchor.after;
      if (oldest == anchor || nowNanos - oldest.bound.usedAtNanos <= unusedNanos) {
        return false;
      }
      drop(oldest);
    }
    return true;
  }

  /** Number of sessions that are bound. */
  public int size() {
    return bindings.size() - unbound.get();
  }

  private void put(Binding binding, Bound bound) {
    unbound.addAndGet(nowhere(bound) - nowhere(binding.bound));
    binding.bound = bound;
  }

  private static int nowhere(Bound bound) {
    return bound.endpoint.equals(NOWHERE) ? 1 : 0;
  }

  private void drop(Binding binding) {
    unbound.addAndGet(-nowhere(binding.bound));
    binding.unlink();
    bindings.remove(binding.session);
  }
}
