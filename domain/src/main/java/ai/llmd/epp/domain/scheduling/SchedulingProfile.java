package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.pool.Candidates;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Ordered filters, weighted scorers, one picker.
 *
 * @param name unique in the configuration
 */
public record SchedulingProfile(
    String name, List<Named<Filter>> filters, List<WeightedScorer> scorers, Named<Picker> picker) {

  public SchedulingProfile {
    filters = List.copyOf(filters);
    scorers = List.copyOf(scorers);
  }

  /**
   * A scorer and what its clamped score is multiplied with; any finite number, 0 and negative too.
   */
  public record WeightedScorer(Named<Scorer> scorer, double weight) {

    public WeightedScorer {
      if (!Double.isFinite(weight)) {
        throw new IllegalArgumentException("weight must be finite, was " + weight);
      }
    }
  }

  /** A run: the result, or null when no candidate was left, and what happened either way. */
  public record Run(@Nullable ProfileResult result, ProfileEvidence evidence) {}

  /**
   * Filters, scores and picks among the cycle's candidates.
   *
   * @param nanoClock tells how long each step took
   */
  public Run run(SchedulingCycle cycle, LongSupplier nanoClock) {
    Candidates all = cycle.candidates();
    List<ProfileEvidence.Filtered> filtered = new ArrayList<>(filters.size());
    SchedulingCycle narrowed = narrow(cycle, filtered, nanoClock);
    Candidates remaining = narrowed.candidates();
    if (remaining.isEmpty()) {
      return new Run(null, new ProfileEvidence(name, all, filtered, List.of(), null, null));
    }
    List<ProfileEvidence.Scored> scored = new ArrayList<>(scorers.size());
    Scores totals = weigh(narrowed, scored, nanoClock);
    long startedAt = nanoClock.getAsLong();
    Candidates picks = picker.plugin().pick(narrowed, totals);
    var pick =
        new ProfileEvidence.Picked(
            picker.name(), picker.type(), picks, nanoClock.getAsLong() - startedAt);
    return new Run(
        new ProfileResult(picks, remaining, totals),
        new ProfileEvidence(name, all, filtered, scored, totals, pick));
  }

  private SchedulingCycle narrow(
      SchedulingCycle cycle, List<ProfileEvidence.Filtered> evidence, LongSupplier nanoClock) {
    SchedulingCycle narrowed = cycle;
    for (Named<Filter> filter : filters) {
      if (narrowed.candidates().isEmpty()) {
        break;
      }
      long startedAt = nanoClock.getAsLong();
      Candidates kept = filter.plugin().filter(narrowed);
      evidence.add(
          new ProfileEvidence.Filtered(
              filter.name(), filter.type(), kept, nanoClock.getAsLong() - startedAt));
      narrowed = narrowed.with(kept);
    }
    return narrowed;
  }

  private Scores weigh(
      SchedulingCycle cycle, List<ProfileEvidence.Scored> evidence, LongSupplier nanoClock) {
    Scores totals = Scores.zero(cycle.candidates());
    for (WeightedScorer weighted : scorers) {
      Named<Scorer> scorer = weighted.scorer();
      long startedAt = nanoClock.getAsLong();
      Scores scores = scorer.plugin().score(cycle);
      totals.add(cycle.candidates(), scores, weighted.weight());
      evidence.add(
          new ProfileEvidence.Scored(
              scorer.name(),
              scorer.type(),
              weighted.weight(),
              scores,
              nanoClock.getAsLong() - startedAt));
    }
    return totals;
  }
}
