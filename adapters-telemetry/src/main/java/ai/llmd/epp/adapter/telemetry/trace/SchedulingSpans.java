package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import ai.llmd.epp.domain.scheduling.Scores;
import ai.llmd.epp.traces.RandomIds;
import ai.llmd.epp.traces.span.AttributeName;
import ai.llmd.epp.traces.span.SpanWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The spans of profiles: filters, scorers and the picker of each, with the reference's names.
 *
 * @param orchestration the span that they belong to
 */
record SchedulingSpans(TraceWriter spans, long orchestration, DecidedSpans decided) {

  private static final int TOP = 5;
  private static final AttributeName MODEL = AttributeName.of("gen_ai.request.model");
  private static final AttributeName REQUEST_ID = AttributeName.of("gen_ai.request.id");
  private static final AttributeName PROFILE =
      AttributeName.of("llm_d.epp.scheduling.profile.name");
  private static final AttributeName FILTER_IN =
      AttributeName.of("llm_d.epp.filter.candidate_endpoints");
  private static final AttributeName FILTER_OUT =
      AttributeName.of("llm_d.epp.filter.filtered_endpoints");
  private static final AttributeName FILTER_NAME = AttributeName.of("llm_d.epp.filter.name");
  private static final String AFFINITY_FILTER = "prefix-cache-affinity-filter";
  private static final AttributeName SCORERS = AttributeName.of("llm_d.epp.scorer.count");
  private static final AttributeName SCORING_CANDIDATES =
      AttributeName.of("llm_d.epp.scoring.candidate_endpoints");
  private static final AttributeName SCORER_TYPE = AttributeName.of(SpanNames.SCORER + "type");
  private static final AttributeName SCORER_NAME = AttributeName.of(SpanNames.SCORER + "name");
  private static final AttributeName WEIGHT = AttributeName.of(SpanNames.SCORER + "weight");
  private static final AttributeName SCORER_CANDIDATES =
      AttributeName.of(SpanNames.SCORER + "candidate_endpoints");
  private static final AttributeName MAX = AttributeName.of(SpanNames.SCORER + "score.max");
  private static final AttributeName MEAN = AttributeName.of(SpanNames.SCORER + "score.avg");
  private static final AttributeName SCORED =
      AttributeName.of(SpanNames.SCORER + "endpoints_scored");
  private static final String PICKER = "llm_d.epp.picker.";
  private static final AttributeName PICKER_CANDIDATES =
      AttributeName.of(PICKER + "candidate_endpoints");
  private static final AttributeName TOP_ENDPOINTS = AttributeName.of(PICKER + "top_endpoints");
  private static final AttributeName TOP_SCORES = AttributeName.of(PICKER + "top_scores");

  /** Adds what tells requests apart. */
  static SpanWriter of(SpanWriter span, DecidedSpans decided) {
    return span.attribute(MODEL, decided.model()).attribute(REQUEST_ID, decided.requestId());
  }

  /** How many spans show a profile. */
  static int count(ProfileEvidence run) {
    int count = 2;
    for (ProfileEvidence.Filtered filter : run.filters()) {
      count += hasSpan(filter) ? 1 : 0;
    }
    for (ProfileEvidence.Scored scored : run.scorers()) {
      count += hasFurtherSpan(scored) ? 2 : 1;
    }
    return count + (run.scorers().isEmpty() ? 0 : 1) + (run.pick() == null ? 0 : 1);
  }

  /** The filter whose decision explains most of where a request goes. */
  private static boolean hasSpan(ProfileEvidence.Filtered filter) {
    return filter.type().equals(AFFINITY_FILTER);
  }

  /** As in the reference. */
  private static boolean hasFurtherSpan(ProfileEvidence.Scored scored) {
    return scored.type().endsWith("prefix-cache-scorer");
  }

  /**
   * Writes the spans of one profile.
   *
   * @return when it ended
   */
  long write(ProfileEvidence run, long startNanos) {
    long profile = RandomIds.spanId();
    Candidates left = run.filters().isEmpty() ? run.candidates() : run.filters().getLast().kept();
    long now = filters(profile, run, left, startNanos);
    if (!run.scorers().isEmpty()) {
      now = scorers(profile, run, left, now);
    }
    if (run.pick() != null) {
      now = picker(profile, run, run.pick(), left, now);
    }
    begin("run_scheduler_profile", profile, orchestration, startNanos, now)
        .attribute(PROFILE, run.profile())
        .end();
    return now;
  }

  private SpanWriter begin(String name, long id, long parent, long startNanos, long endNanos) {
    return spans.begin(spans.scopes().scheduling(), name, id, parent, startNanos, endNanos);
  }

  private long filters(long profile, ProfileEvidence run, Candidates left, long startNanos) {
    long id = RandomIds.spanId();
    long now = startNanos;
    Candidates before = run.candidates();
    for (ProfileEvidence.Filtered filter : run.filters()) {
      if (hasSpan(filter)) {
        affinity(id, filter, before, now);
      }
      now += filter.nanos();
      before = filter.kept();
    }
    of(begin("filter_endpoints", id, profile, startNanos, now), decided)
        .attribute(FILTER_IN, run.candidates().size())
        .attribute(FILTER_OUT, left.size())
        .end();
    return now;
  }

  private void affinity(
      long filters, ProfileEvidence.Filtered filter, Candidates before, long startNanos) {
    SpanWriter span =
        spans.begin(
            spans.scopes().plugins(),
            "prefix_cache_affinity_filter",
            RandomIds.spanId(),
            filters,
            startNanos,
            startNanos + filter.nanos());
    of(span, decided)
        .attribute(FILTER_NAME, filter.name())
        .attribute(FILTER_IN, before.size())
        .attribute(FILTER_OUT, filter.kept().size())
        .end();
  }

  private long scorers(long profile, ProfileEvidence run, Candidates left, long startNanos) {
    long scoring = RandomIds.spanId();
    long now = startNanos;
    for (ProfileEvidence.Scored scored : run.scorers()) {
      scorer(scoring, scored, left, now);
      now += scored.nanos();
    }
    of(begin("llm_d.epp.scoring", scoring, profile, startNanos, now), decided)
        .attribute(SCORERS, run.scorers().size())
        .attribute(SCORING_CANDIDATES, left.size())
        .end();
    return now;
  }

  private void scorer(
      long scoring, ProfileEvidence.Scored scored, Candidates left, long startNanos) {
    long id = RandomIds.spanId();
    long end = startNanos + scored.nanos();
    Summary summary = Summary.of(scored.scores(), left);
    if (hasFurtherSpan(scored)) {
      summary
          .of(
              spans.begin(
                  spans.scopes().plugins(),
                  "score_prefix_cache",
                  RandomIds.spanId(),
                  id,
                  startNanos,
                  end))
          .end();
    }
    summary
        .of(begin(SpanNames.ofScorer(scored.type()), id, scoring, startNanos, end))
        .attribute(SCORER_TYPE, scored.type())
        .attribute(SCORER_NAME, scored.name())
        .attribute(WEIGHT, scored.weight())
        .end();
  }

  private long picker(
      long profile,
      ProfileEvidence run,
      ProfileEvidence.Picked pick,
      Candidates left,
      long startNanos) {
    List<Candidate> top = top(left, run.totals());
    Scores totals = run.totals();
    List<String> names = new ArrayList<>(top.size());
    double[] scores = new double[top.size()];
    for (Candidate candidate : top) { // is empty without sums
      if (totals != null) {
        scores[names.size()] = totals.at(candidate.slot());
      }
      names.add(candidate.endpoint().id().name());
    }
    long end = startNanos + pick.nanos();
    SpanWriter span =
        of(begin("pick_endpoints", RandomIds.spanId(), profile, startNanos, end), decided)
            .attribute(PICKER_CANDIDATES, left.size())
            .attribute(TOP_ENDPOINTS, names);
    if (totals != null) {
      span.attribute(TOP_SCORES, scores);
    }
    span.end();
    return end;
  }

  /** The candidates with the highest sums, the best one first. */
  private static List<Candidate> top(Candidates candidates, @Nullable Scores totals) {
    List<Candidate> top = new ArrayList<>(TOP + 1);
    if (totals == null) {
      return top;
    }
    for (Candidate candidate : candidates) {
      if (totals.isScored(candidate.slot())) {
        int place = top.size();
        while (place > 0 && totals.at(candidate.slot()) > totals.at(top.get(place - 1).slot())) {
          place--;
        }
        top.add(place, candidate);
        if (top.size() > TOP) {
          top.removeLast();
        }
      }
    }
    return top;
  }

  /** One scorer's scores, as the reference sums them up. */
  private record Summary(int candidates, int scored, double max, double mean) {

    static Summary of(Scores scores, Candidates candidates) {
      int scored = 0;
      double max = 0;
      double sum = 0;
      for (Candidate candidate : candidates) {
        if (scores.isScored(candidate.slot())) {
          double score = scores.at(candidate.slot());
          max = scored == 0 ? score : Math.max(max, score);
          sum += score;
          scored++;
        }
      }
      return new Summary(candidates.size(), scored, max, scored == 0 ? 0 : sum / scored);
    }

    SpanWriter of(SpanWriter span) {
      span.attribute(SCORER_CANDIDATES, candidates).attribute(SCORED, scored);
      return scored == 0 ? span : span.attribute(MAX, max).attribute(MEAN, mean);
    }
  }
}
