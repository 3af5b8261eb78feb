package ai.llmd.epp.domain.health;

import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointLoad.ReadTimes;
import java.util.concurrent.TimeUnit;

/**
 * Notices a server whose figures stand still and cannot be right: for two seconds no sample has had
 * another queue, another number of running requests or another cache use, and in most of them there
 * were fewer requests than this replica alone had in flight there. A server with nothing to do
 * reports the same again and again as well, but not less than what it was sent; where many short
 * requests come and go between two samples, their number moves.
 *
 * <p>One thread: that of the endpoint's polls.
 */
public final class Standstill {

  /** So long figures have to stand still. */
  static final long NANOS = TimeUnit.SECONDS.toNanos(2);

  /** So many samples there have to be in that time. */
  static final int MIN_SAMPLES = 5;

  private int waiting;
  private int running;
  private double kvCache;
  private long sinceNanos;
  private int samples;
  private int contradicted;
  private boolean isFrozen;

  /**
   * A sample has come.
   *
   * @param inFlight requests that were sent there and have not ended, as counted here
   * @return whether its figures are to be doubted
   */
  public boolean sampled(EndpointLoad load, int inFlight, long nowNanos) {
    if (samples == 0 || isAnother(load)) {
      waiting = load.waitingRequests();
      running = load.runningRequests();
      kvCache = load.kvCacheUtilization();
      sinceNanos = nowNanos;
      samples = 0;
      contradicted = 0;
      isFrozen = false;
    }
    samples = Math.min(samples + 1, Integer.MAX_VALUE - 1);
    boolean isComplete =
        load.readAt().waitingRequests() != ReadTimes.NEVER
            && load.readAt().runningRequests() != ReadTimes.NEVER;
    if (isComplete && inFlight > (long) waiting + running) {
      contradicted++;
    }
    isFrozen |=
        samples >= MIN_SAMPLES && nowNanos - sinceNanos >= NANOS && contradicted > samples / 2;
    return isFrozen;
  }

  private boolean isAnother(EndpointLoad load) {
    return load.waitingRequests() != waiting
        || load.runningRequests() != running
        || Double.compare(load.kvCacheUtilization(), kvCache) != 0;
  }
}
