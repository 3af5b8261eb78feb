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
}
