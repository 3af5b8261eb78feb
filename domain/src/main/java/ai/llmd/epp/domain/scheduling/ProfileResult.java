package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.pool.Candidates;

/**
 * What one profile chose.
 *
 * @param picks the first choice first, fallbacks behind it; never empty
 * @param scored every candidate that reached the scorers
 * @param totals their weighted sums
 */
public record ProfileResult(Candidates picks, Candidates scored, Scores totals) {}
