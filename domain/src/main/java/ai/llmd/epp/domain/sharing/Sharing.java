package ai.llmd.epp.domain.sharing;

import java.util.function.LongSupplier;

/**
 * How what a replica learns is told to others.
 *
 * @param hashSecret keys the hashes of prompts and sessions, so that they say nothing to others who
 *     can read the store; 0 for none; the same for all replicas of a pool
 * @param writer this replica, by a random number
 * @param epochMillis wall clock
 * @param sessions hears of sessions that are bound here
 * @param loadChanged told when work in flight has changed here; on request threads, cheap
 */
public record Sharing(
    long hashSecret,
    long writer,
    LongSupplier epochMillis,
    SessionListener sessions,
    Runnable loadChanged) {

  /** Nobody is told anything. */
  public static final Sharing NONE = new Sharing(0, 0, () -> 0, SessionListener.NONE, () -> {});
}
