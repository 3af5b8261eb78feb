package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.calls.Called;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.pool.Candidates;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
   * @throws ai.llmd.epp.domain.calls.PluginFailedException when one of the plugins failed
   */
  public Run run(SchedulingCycle cycle, PluginCalls calls) {
    Candidates all = cycle.candidates();
    List<ProfileEvidence.Filtered> filtered = new ArrayList<>(filters.size());
    SchedulingCycle narrowed = narrow(cycle, filtered, calls);
    Candidates remaining = narrowed.candidates();
    if (remaining.isEmpty()) {
      return new Run(null, new ProfileEvidence(name, all, filtered, List.of(), null, null));
    }
    List<ProfileEvidence.Scored> scored = new ArrayList<>(scorers.size());
    Scores totals = weigh(narrowed, scored, calls);
    Called<Candidates> picked =
        calls.call(
            "Picker", picker, plugin -> Objects.requireNonNull(plugin.pick(narrowed, totals)));
    Candidates picks = picked.orThrow();
    var pick = new ProfileEvidence.Picked(picker.name(), picker.type(), picks, picked.nanos());
    return new Run(
        new ProfileResult(picks, remaining, totals),
        new ProfileEvidence(name, all, filtered, scored, totals, pick));
  }

  private SchedulingCycle narrow(
      SchedulingCycle cycle, List<ProfileEvidence.Filtered> evidence, PluginCalls calls) {
    SchedulingCycle narrowed = cycle;
    for (Named<Filter> filter : filters) {
      if (narrowed.candidates().isEmpty()) {
        break;
      }
      SchedulingCycle before = narrowed;
      Called<Candidates> filtered =
          calls.call("Filter", filter, plugin -> Objects.requireNonNull(plugin.filter(before)));
      Candidates kept = filtered.orThrow();
      evidence.add(
          new ProfileEvidence.Filtered(
              filter.name(),
              filter.type(),
              kept,
              filtered.nanos(),
              estimates(filter, before, calls)));
      narrowed = narrowed.with(kept);
    }
    return narrowed;
  }

  private static ProfileEvidence.@Nullable Estimates estimates(
      Named<Filter> filter, SchedulingCycle cycle, PluginCalls calls) {
    if (!(filter.plugin() instanceof EstimatingFilter estimating)) {
      return null;
    }
    Called<ProfileEvidence.Estimates> called =
        calls.call(
            "FilterEstimates",
            filter,
            plugin ->
                new ProfileEvidence.Estimates(
                    Objects.requireNonNull(estimating.estimated()),
                    Objects.requireNonNull(estimating.estimates(cycle))));
    return called instanceof Called.Returned(ProfileEvidence.Estimates shown, var ignored)
        ? shown
        : null; // the pick does not depend on it
  }

  private Scores weigh(
      SchedulingCycle cycle, List<ProfileEvidence.Scored> evidence, PluginCalls calls) {
    Scores totals = Scores.zero(cycle.candidates());
    for (WeightedScorer weighted : scorers) {
      Named<Scorer> scorer = weighted.scorer();
      Called<Scores> scored =
          calls.call("Scorer", scorer, plugin -> weigh(plugin, cycle, totals, weighted.weight()));
      evidence.add(
          new ProfileEvidence.Scored(
              scorer.name(), scorer.type(), weighted.weight(), scored.orThrow(), scored.nanos()));
    }
    totals.settleAssumed(cycle.candidates());
    return totals;
  }

  /** Scores of another shape than the candidates' fail here, as the scorer's own fault. */
  private static Scores weigh(Scorer scorer, SchedulingCycle cycle, Scores totals, double weight) {
    Scores scores = scorer.score(cycle);
    totals.add(cycle.candidates(), scores, weight);
    return scores;
  }
}
