package ai.llmd.epp.domain.session;

import ai.llmd.epp.domain.pool.EndpointId;
import org.jspecify.annotations.Nullable;

/** TODO. Any thread. */
public final class SessionDirectory {

  /**
   * @param maxSessions bound on the sessions remembered; the longest unused goes first
   */
  public SessionDirectory(int maxSessions) {
    throw new UnsupportedOperationException();
  }

  /** The endpoint that a session is bound to, or null. Does not count as use. */
  public @Nullable EndpointId endpointOf(String session) {
    throw new UnsupportedOperationException();
  }

  /** Binds, rebinds or refreshes a session. */
  public void bind(String session, EndpointId endpoint, long nowNanos) {
    throw new UnsupportedOperationException();
  }

  /** Drops sessions that nobody used since {@code nowNanos - unusedNanos}. */
  public void sweep(long nowNanos, long unusedNanos) {
    throw new UnsupportedOperationException();
  }

  public int size() {
    throw new UnsupportedOperationException();
  }
}
