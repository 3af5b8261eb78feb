package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import ai.llmd.epp.domain.scheduling.Scores;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The spans of profiles: filters, scorers and the picker of each, with the reference's names.
 *
 * @param orchestration the span that they belong to
 */
record SchedulingSpans(Spans spans, Span orchestration, RequestLabels labels) {

  private static final int TOP = 5;
  private static final AttributeKey<String> MODEL = AttributeKey.stringKey("gen_ai.request.model");
  private static final AttributeKey<String> REQUEST_ID =
      AttributeKey.stringKey("gen_ai.request.id");
  private static final AttributeKey<String> PROFILE =
      AttributeKey.stringKey("llm_d.epp.scheduling.profile.name");
  private static final AttributeKey<Long> FILTER_IN =
      AttributeKey.longKey("llm_d.epp.filter.candidate_endpoints");
  private static final AttributeKey<Long> FILTER_OUT =
      AttributeKey.longKey("llm_d.epp.filter.filtered_endpoints");
  private static final AttributeKey<String> FILTER_NAME =
      AttributeKey.stringKey("llm_d.epp.filter.name");
  private static final String AFFINITY_FILTER = "prefix-cache-affinity-filter";
  private static final AttributeKey<Long> SCORERS = AttributeKey.longKey("llm_d.epp.scorer.count");
  private static final AttributeKey<Long> SCORING_CANDIDATES =
      AttributeKey.longKey("llm_d.epp.scoring.candidate_endpoints");
  private static final String SCORER = "llm_d.epp.scorer.";
  private static final AttributeKey<String> SCORER_TYPE = AttributeKey.stringKey(SCORER + "type");
  private static final AttributeKey<String> SCORER_NAME = AttributeKey.stringKey(SCORER + "name");
  private static final AttributeKey<Double> WEIGHT = AttributeKey.doubleKey(SCORER + "weight");
  private static final AttributeKey<Long> SCORER_CANDIDATES =
      AttributeKey.longKey(SCORER + "candidate_endpoints");
  private static final AttributeKey<Double> MAX = AttributeKey.doubleKey(SCORER + "score.max");
  private static final AttributeKey<Double> MEAN = AttributeKey.doubleKey(SCORER + "score.avg");
  private static final AttributeKey<Long> SCORED =
      AttributeKey.longKey(SCORER + "endpoints_scored");
  private static final String PICKER = "llm_d.epp.picker.";
  private static final AttributeKey<Long> PICKER_CANDIDATES =
      AttributeKey.longKey(PICKER + "candidate_endpoints");
  private static final AttributeKey<List<String>> TOP_ENDPOINTS =
      AttributeKey.stringArrayKey(PICKER + "top_endpoints");
  private static final AttributeKey<List<Double>> TOP_SCORES =
      AttributeKey.doubleArrayKey(PICKER + "top_scores");

  /** Adds what tells requests apart. */
  static SpanBuilder of(SpanBuilder span, RequestLabels labels) {
    return span.setAttribute(MODEL, labels.targetModel())
        .setAttribute(REQUEST_ID, labels.requestId());
  }

  /**
   * Adds the spans of one profile.
   *
   * @return when it ended
   */
  long add(ProfileEvidence run, long startNanos) {
    Span profile =
        Spans.within(orchestration, spans.scheduling(), "run_scheduler_profile", startNanos)
            .setAttribute(PROFILE, run.profile())
            .startSpan();
    Candidates left = run.filters().isEmpty() ? run.candidates() : run.filters().getLast().kept();
    long now = filters(profile, run, left, startNanos);
    if (!run.scorers().isEmpty()) {
      now = scorers(profile, run, left, now);
    }
    if (run.pick() != null) {
      now = picker(profile, run, run.pick(), left, now);
    }
    Spans.end(profile, now);
    return now;
  }

  private long filters(Span profile, ProfileEvidence run, Candidates left, long startNanos) {
    long now = startNanos;
    for (ProfileEvidence.Filtered filter : run.filters()) {
      now += filter.nanos();
    }
    Span span =
        of(Spans.within(profile, spans.scheduling(), "filter_endpoints", startNanos), labels)
            .setAttribute(FILTER_IN, (long) run.candidates().size())
            .setAttribute(FILTER_OUT, (long) left.size())
            .startSpan();
    affinity(span, run, startNanos);
    Spans.end(span, now);
    return now;
  }

  /** The filter whose decision explains most of where a request goes, by itself. */
  private void affinity(Span filters, ProfileEvidence run, long startNanos) {
    long now = startNanos;
    Candidates before = run.candidates();
    for (ProfileEvidence.Filtered filter : run.filters()) {
      if (filter.type().equals(AFFINITY_FILTER)) {
        Spans.end(
            of(Spans.within(filters, spans.plugins(), "prefix_cache_affinity_filter", now), labels)
                .setAttribute(FILTER_NAME, filter.name())
                .setAttribute(FILTER_IN, (long) before.size())
                .setAttribute(FILTER_OUT, (long) filter.kept().size())
                .startSpan(),
            now + filter.nanos());
      }
      now += filter.nanos();
      before = filter.kept();
    }
  }

  private long scorers(Span profile, ProfileEvidence run, Candidates left, long startNanos) {
    Span scoring =
        of(Spans.within(profile, spans.scheduling(), "llm_d.epp.scoring", startNanos), labels)
            .setAttribute(SCORERS, (long) run.scorers().size())
            .setAttribute(SCORING_CANDIDATES, (long) left.size())
            .startSpan();
    long now = startNanos;
    for (ProfileEvidence.Scored scored : run.scorers()) {
      Summary summary = Summary.of(scored.scores(), left);
      Span span =
          summary
              .of(Spans.within(scoring, spans.scheduling(), SCORER + scored.type(), now))
              .setAttribute(SCORER_TYPE, scored.type())
              .setAttribute(SCORER_NAME, scored.name())
              .setAttribute(WEIGHT, scored.weight())
              .startSpan();
      long end = now + scored.nanos();
      if (scored.type().endsWith("prefix-cache-scorer")) { // has a span of its own in the reference
        Spans.end(
            summary.of(Spans.within(span, spans.plugins(), "score_prefix_cache", now)).startSpan(),
            end);
      }
      now = end;
      Spans.end(span, now);
    }
    Spans.end(scoring, now);
    return now;
  }

  private long picker(
      Span profile,
      ProfileEvidence run,
      ProfileEvidence.Picked pick,
      Candidates left,
      long startNanos) {
    List<Candidate> top = top(left, run.totals());
    Scores totals = run.totals();
    List<String> names = new ArrayList<>(top.size());
    List<Double> scores = new ArrayList<>(top.size());
    for (Candidate candidate : top) { // is empty without sums
      names.add(candidate.endpoint().id().name());
      if (totals != null) {
        scores.add(totals.at(candidate.slot()));
      }
    }
    SpanBuilder span =
        of(Spans.within(profile, spans.scheduling(), "pick_endpoints", startNanos), labels)
            .setAttribute(PICKER_CANDIDATES, (long) left.size())
            .setAttribute(TOP_ENDPOINTS, names);
    if (totals != null) {
      span.setAttribute(TOP_SCORES, scores);
    }
    Spans.end(span.startSpan(), startNanos + pick.nanos());
    return startNanos + pick.nanos();
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

    SpanBuilder of(SpanBuilder span) {
      span.setAttribute(SCORER_CANDIDATES, (long) candidates).setAttribute(SCORED, (long) scored);
      return scored == 0 ? span : span.setAttribute(MAX, max).setAttribute(MEAN, mean);
    }
  }
}
