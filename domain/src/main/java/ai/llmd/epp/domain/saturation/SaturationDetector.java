package ai.llmd.epp.domain.saturation;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.pool.Candidates;

/** Judges how full a pool is. Any thread; blocks on nothing. */
public interface SaturationDetector extends Plugin {

  /**
   * Measures how full the pool is.
   *
   * @param candidates every endpoint of the pool
   * @param nowNanos {@link System#nanoTime()}, to judge the age of samples
   * @return 0 is idle, 1 and more is saturated; an empty pool is saturated
   */
  double saturation(Candidates candidates, long nowNanos);

  /**
   * What one more request adds to the saturation, as far as that is known before it shows.
   *
   * @param endpoints of the pool, 1 or more
   * @return 0 when it is not known
   */
  default double shareOfRequest(int endpoints) {
    return 0;
  }

  /**
   * How many endpoints count as full because nothing recent is known about them.
   *
   * @return -1 when the detector does not depend on samples
   */
  default int staleEndpoints(Candidates candidates, long nowNanos) {
    return -1;
  }
}
