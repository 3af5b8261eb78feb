package ai.llmd.epp.domain.scheduling.session;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.scheduling.session.SessionParameters.SessionIdConfig;
import ai.llmd.epp.domain.state.SessionDirectory;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Forgets sessions that were not used for long, as a sweep at fixed intervals would, but without a
 * thread: whoever looks a session up sees it as the last sweep that was due would have left it, and
 * drops a few that it would have dropped. Any thread.
 */
final class ExpiringSessions {

  private static final double NANOS_PER_SECOND = 1e9;

  private final SessionDirectory directory;
  private final long unusedNanos;
  private final long intervalNanos;
  private final LongSupplier nanoClock;
  private final long startedAtNanos;

  /** The last sweep that is done; any thread, and doing one twice is harmless. */
  private volatile long sweepsDone;

  ExpiringSessions(SessionDirectory directory, SessionIdConfig parameters, LongSupplier nanoClock) {
    this.directory = directory;
    this.unusedNanos = nanos(parameters.evictionTtlSeconds());
    this.intervalNanos = Math.max(1, nanos(parameters.evictionSweepSeconds()));
    this.nanoClock = nanoClock;
    this.startedAtNanos = nanoClock.getAsLong();
  }

  private static long nanos(double seconds) {
    return (long) (seconds * NANOS_PER_SECOND); // a huge number becomes the largest, never negative
  }

  /** The endpoint that a session is bound to, or null. Does not count as use. */
  @Nullable EndpointId endpointOf(String session) {
    return endpointOf(session, nanoClock.getAsLong());
  }

  private @Nullable EndpointId endpointOf(String session, long nowNanos) {
    long sweepsDue = (nowNanos - startedAtNanos) / intervalNanos;
    long sweptAtNanos = startedAtNanos + sweepsDue * intervalNanos;
    if (sweepsDone != sweepsDue && !directory.sweepSome(sweptAtNanos, unusedNanos)) {
      sweepsDone = sweepsDue;
    }
    return directory.endpointOf(session, sweptAtNanos, unusedNanos);
  }

  /**
   * Binds a session that is not bound, or refreshes one that went where it is bound to.
   *
   * @param mayMove whether a session that went elsewhere is bound there
   * @return whether it was not bound there before
   */
  synchronized boolean use(String session, EndpointId endpoint, boolean mayMove) {
    long now = nanoClock.getAsLong();
    EndpointId bound = endpointOf(session, now);
    if (bound == null || mayMove || bound.equals(endpoint)) {
      directory.bind(session, endpoint, now);
      return !endpoint.equals(bound);
    }
    return false;
  }

  /** A request never arrived where it bound its session to. */
  void takeBack(String session, EndpointId endpoint) {
    directory.unbind(session, endpoint);
  }
}
