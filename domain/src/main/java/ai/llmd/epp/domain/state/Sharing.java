package ai.llmd.epp.domain.state;

import ai.llmd.epp.domain.latency.ObservationListener;
import java.util.function.LongSupplier;

/**
 * How a replica shares what it learns.
 *
 * @param hashSecret keys the hashes of prompts and sessions, so that they reveal nothing to readers
 *     of the store; 0 for none; the same for all replicas of a pool
 * @param writer this replica, by a random number
 * @param epochMillis wall clock
 * @param sessions observes sessions that are bound here
 * @param loadChanged run when work in flight has changed here; on request threads, cheap
 * @param observations receives the times of requests that were observed here
 */
public record Sharing(
    long hashSecret,
    long writer,
    LongSupplier epochMillis,
    SessionListener sessions,
    Runnable loadChanged,
    ObservationListener observations) {

  /** Nothing is shared. */
  public static final Sharing NONE =
      new Sharing(0, 0, () -> 0, SessionListener.NONE, () -> {}, ObservationListener.NONE);
}
