package ai.llmd.epp.domain.flow;

import ai.llmd.epp.domain.catalogue.Plugin;

/**
 * How full the pool may be for requests of each priority. Called by one thread at a time in most
 * programs, but safe for any.
 */
public interface UsageLimitPolicy extends Plugin {

  /**
   * Writes the ceilings: a band's requests wait while the saturation is at its ceiling or above.
   *
   * @param saturation of the pool: 0 is idle, 1 and more is full
   * @param priorities of all bands, the highest first; those with no request included
   * @param ceilings one for each priority, 1 at the beginning
   */
  void ceilings(double saturation, int[] priorities, double[] ceilings);
}
