package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.connection.ApiConnection;
import ai.llmd.epp.adapter.k8s.connection.Reasons;
import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.application.threads.ThreadGuard;
import ai.llmd.epp.domain.calls.NonFatal;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of several replicas leads: the one whose name a Lease object bears.
 *
 * <p>Whether a lease has run out is judged by when its last change was seen, not by the times in
 * it, so clocks that differ between machines do no harm. The leader stops leading by its own clock
 * even while a call hangs, and it does so before another replica may begin. It leads again when it
 * finds that none has begun.
 */
public final class LeaderLease implements AutoCloseable {

  /**
   * Notified of the two turning points, once each, from the lease's own thread; of the first one
   * again should it throw.
   */
  public interface Listener {

    void isLeader();

    /** Another has the lease that was this replica's; it is not sought again. */
    void hasLost();
  }

  private enum Outcome {
    HELD,
    OTHERS,
    UNKNOWN
  }

  private static final String THREAD = "leader-lease";
  private static final Logger log = LoggerFactory.getLogger(LeaderLease.class);

  private final LeaseRecord lease;
  private final LeaseSettings settings;
  private final LongSupplier nanoClock;
  private final Listener listener;
  private final String name;
  private final ThreadGuard guard;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread electing = Thread.ofVirtual().name(THREAD).unstarted(this::elect);

  private volatile boolean isHeld;
  private volatile long renewedAtNanos;

  // the electing thread's
  private @Nullable Lease seen;
  private long seenAtNanos;
  private volatile String lastFailure = "";
  private boolean isNotified;
  private volatile boolean isOver;

  /**
   * Starts nothing.
   *
   * @param connection stays the caller's
   * @param identity distinguishes this replica from all others
   * @param nanoClock as {@link System#nanoTime()}
   */
  public LeaderLease(
      ApiConnection connection,
      String namespace,
      String name,
      String identity,
      LeaseSettings settings,
      LongSupplier nanoClock,
      ThreadObserver threads,
      Listener listener) {
    this.lease =
        new LeaseRecord(
            connection.impatient(settings.callTimeout()),
            namespace,
            name,
            identity,
            InstantSource.system());
    this.name = name;
    this.guard = new ThreadGuard(THREAD, threads);
    this.settings = settings;
    this.nanoClock = nanoClock;
    this.listener = listener;
  }

  /** Seeks the lease from now on. Call once. */
  public void start() {
    electing.start();
  }

  /** Whether this replica leads; any thread, cheap, right even while the API server hangs. */
  public boolean isLeader() {
    return isHeld && sinceRenewal() < settings.renewDeadline().toNanos();
  }

  /** Whether the last call failed; any thread. */
  boolean isUnanswered() {
    return !lastFailure.isEmpty();
  }

  private long sinceRenewal() {
    return nanoClock.getAsLong() - renewedAtNanos;
  }

  private void elect() {
    guard.begin();
    try {
      do {
        guard.attempt(this::round);
      } while (!isOver && !closed.await(pause().toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void round() {
    long askedAt = nanoClock.getAsLong();
    switch (attempt()) {
      case HELD -> {
        renewedAtNanos = askedAt;
        if (!isHeld) {
          isHeld = true;
          log.atInfo().addKeyValue("lease", name).log("leading");
        }
        if (!isNotified) {
          listener.isLeader();
          isNotified = true; // a listener that fails is notified again
        }
      }
      case OTHERS -> {
        if (isHeld || isNotified) { // it led, be it a while ago
          lose();
        }
      }
      case UNKNOWN -> {
        if (isHeld && sinceRenewal() >= settings.renewDeadline().toNanos()) {
          isHeld = false;
          log.atError()
              .addKeyValue("lease", name)
              .log("the lease cannot be renewed, not ready until it can");
        }
      }
    }
  }

  private Duration pause() {
    if (!isHeld) {
      return settings.retryEvery();
    }
    Duration left = settings.renewDeadline().minusNanos(sinceRenewal());
    return left.isPositive() && left.compareTo(settings.retryEvery()) < 0
        ? left
        : settings.retryEvery();
  }

  private void lose() {
    isHeld = false;
    isOver = true;
    log.atError().addKeyValue("lease", name).log("the lease is lost");
    listener.hasLost();
  }

  private Outcome attempt() {
    try {
      Lease found = lease.read().orElse(null);
      observe(found);
      Outcome outcome = mayTake(found) ? take(found) : Outcome.OTHERS;
      lastFailure = "";
      return outcome;
    } catch (KubernetesClientException e) {
      String reason = Reasons.of(e);
      if (!reason.equals(lastFailure)) {
        lastFailure = reason;
        log.atWarn().addKeyValue("lease", name).addKeyValue("reason", reason).log("not reached");
      }
      return Outcome.UNKNOWN;
    } catch (Throwable thrown) { // an object that is none, say: the next answer may be another
      guard.report(NonFatal.orThrow(thrown));
      return Outcome.UNKNOWN;
    }
  }

  private Outcome take(@Nullable Lease found) {
    return lease.write(found, settings.duration()) ? Outcome.HELD : Outcome.UNKNOWN;
  }

  private void observe(@Nullable Lease found) {
    Lease before = seen;
    boolean isUnchanged =
        found != null && before != null && found.getSpec().equals(before.getSpec());
    if (!isUnchanged) {
      seen = found;
      seenAtNanos = nanoClock.getAsLong();
    }
  }

  private boolean mayTake(@Nullable Lease found) {
    return found == null
        || LeaseRecord.holder(found).isEmpty()
        || lease.isMine(found)
        || nanoClock.getAsLong() - seenAtNanos >= settings.duration().toNanos();
  }

  /**
   * Lets go of the lease, if it is held, and seeks it no more. One that is another's, or of an API
   * server that does not answer, is not let go of: that would take time and come to nothing.
   */
  @Override
  public void close() {
    boolean isAnswered = !isUnanswered(); // before the interrupt, which is a failure, too
    closed.countDown();
    electing.interrupt();
    try {
      electing.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    isHeld = false;
    if (!isOver && isAnswered) {
      release(); // even if not held: a call that was interrupted may have taken it
    }
  }

  private void release() {
    try {
      lease.read().filter(lease::isMine).ifPresent(lease::release);
    } catch (KubernetesClientException e) {
      log.atWarn()
          .addKeyValue("lease", name)
          .addKeyValue("reason", Reasons.of(e))
          .log("lease not released, it runs out");
    }
  }
}
