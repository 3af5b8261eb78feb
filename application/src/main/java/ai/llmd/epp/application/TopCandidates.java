package ai.llmd.epp.application;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Scores;
import org.jspecify.annotations.Nullable;

/** Finds the candidates worth remembering: the one picked and those with the highest totals. */
final class TopCandidates {

  private TopCandidates() {}

  /**
   * One pass; a candidate that beats the worst kept one replaces it, which happens seldom once the
   * good ones are in.
   *
   * @param picked slot of the candidate to keep in any case; -1 for none
   * @param totals null when nothing was scored: then the first candidates are kept
   * @return all candidates in their order when there are no more than {@code most}; otherwise
   *     {@code most} of them in no particular order
   */
  static Candidates of(Candidates all, @Nullable Scores totals, int picked, int most) {
    if (all.size() <= most) {
      return all;
    }
    Candidate[] kept = new Candidate[most];
    for (int i = 0; i < most; i++) {
      kept[i] = all.get(i);
    }
    if (totals != null) {
      int worst = worst(kept, totals, picked);
      for (int i = most; i < all.size(); i++) {
        if (total(all.get(i), totals, picked) > total(kept[worst], totals, picked)) {
          kept[worst] = all.get(i);
          worst = worst(kept, totals, picked);
        }
      }
    }
    return all.select(kept, most);
  }

  private static int worst(Candidate[] kept, Scores totals, int picked) {
    int worst = 0;
    for (int i = 1; i < kept.length; i++) {
      if (total(kept[i], totals, picked) < total(kept[worst], totals, picked)) {
        worst = i;
      }
    }
    return worst;
  }

  /** What a filter dropped has no total and ranks behind everything that has. */
  private static double total(Candidate candidate, Scores totals, int picked) {
    if (candidate.slot() == picked) {
      return Double.POSITIVE_INFINITY;
    }
    double total = totals.at(candidate.slot());
    return Double.isNaN(total) ? Double.NEGATIVE_INFINITY : total;
  }
}
