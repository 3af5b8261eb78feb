package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import org.jspecify.annotations.Nullable;

/**
 * Ranks candidates without any latency prediction: the weighted mean of the free share of the KV
 * cache, of {@code (longest queue - queue) / longest queue} (1 when no queue has anything) and of
 * the matched share of the prompt, rounded to hundredths. 0 when the utilization is NaN. A server
 * that has never reported one of the two stays unscored. Immutable.
 */
final class CompositeRanking {

  private final double kvCacheWeight;
  private final double queueWeight;
  private final double prefixWeight;

  /** Weights as configured; only the first counts when their sum is not positive. */
  CompositeRanking(double kvCacheWeight, double queueWeight, double prefixWeight) {
    double sum = kvCacheWeight + queueWeight + prefixWeight;
    this.kvCacheWeight = sum > 0 ? kvCacheWeight / sum : 1;
    this.queueWeight = sum > 0 ? queueWeight / sum : 0;
    this.prefixWeight = sum > 0 ? prefixWeight / sum : 0;
  }

  Scores scores(SchedulingCycle cycle, @Nullable PrefixMatches matches) {
    double longest = longestQueue(cycle.candidates());
    return Scores.ofReported(
        cycle,
        candidate ->
            candidate.load().reported().waitingRequests()
                && candidate.load().reported().kvCacheUtilization(),
        candidate -> scoreOf(candidate, longest, matches));
  }

  private static int longestQueue(Candidates candidates) {
    int longest = 0;
    for (int i = 0; i < candidates.size(); i++) {
      EndpointLoad load = candidates.get(i).load();
      longest =
          load.reported().waitingRequests() ? Math.max(longest, load.waitingRequests()) : longest;
    }
    return longest;
  }

  private double scoreOf(
      Candidate candidate, double longestQueue, @Nullable PrefixMatches matches) {
    double free = 1 - candidate.load().kvCacheUtilization();
    double waiting = candidate.load().waitingRequests();
    double shortness = longestQueue > 0 ? (longestQueue - waiting) / longestQueue : 1;
    double matched = matches == null ? 0 : matchedShare(matches, candidate.slot());
    return hundredths(kvCacheWeight * free + queueWeight * shortness + prefixWeight * matched);
  }

  private static double matchedShare(PrefixMatches matches, int slot) {
    double total = matches.totalBlocks(slot);
    return total > 0 ? matches.matchedBlocks(slot) / total : 0;
  }

  /** Rounds halves away from zero. */
  private static double hundredths(double x) {
    return Math.copySign((double) Math.round(Math.abs(100 * x)), x) / 100;
  }
}
