package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.facts.LoadFields;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Objects;
import java.util.Set;

/**
 * Prefers endpoints that are predicted to keep the request's latency objectives, and of those, by
 * default, the ones that keep them by the least, so that the fast ones stay free for requests that
 * need them.
 *
 * <p>The candidates fall into tiers; the best tier that has any is ranked by headroom (see {@link
 * HeadroomRanking}), from 1.01 down to 0.01, and all others score 0:
 *
 * <ol>
 *   <li>both objectives are kept, or nothing is predicted, which counts as no headroom at all;
 *   <li>an objective is missed, but no request is on its way to the endpoint;
 *   <li>only the time per output token is missed;
 *   <li>only the time to first token is missed;
 *   <li>both are missed.
 * </ol>
 *
 * <p>All tiers but the first prefer the smallest miss, whatever the strategy. A prediction that is
 * no number belongs to no tier. When no candidate has a prediction the scores come from load and
 * prefix cache instead (see {@link CompositeRanking}).
 */
public final class LatencyScorer implements Scorer {

  private static final String HEADROOM_MOST = "most";

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
          "latency-scorer", new Parameters(0.8, 0.2, "least", 1, 1, 1, "", ""), LatencyScorer::new);

  /**
   * What weighs how much. Weights are shares of their sum; when it is not positive only the first
   * of them counts.
   *
   * @param ttftWeight weight of the headroom of the time to first token
   * @param tpotWeight weight of the headroom of the time per output token
   * @param headroomSelectionStrategy {@code most} prefers the largest headroom, anything else the
   *     least
   * @param compositeKVWeight weight of the free KV cache, without predictions
   * @param compositeQueueWeight weight of a short queue, without predictions
   * @param compositePrefixWeight weight of the matched prefix, without predictions
   * @param latencyPredictionInfoProducerName instance whose predictions are read; empty means
   *     {@link LatencyPredictions#DEFAULT_PRODUCER}
   * @param prefixMatchInfoProducerName instance whose matches are read; empty means {@link
   *     PrefixMatches#DEFAULT_PRODUCER}
   */
  public record Parameters(
      double ttftWeight,
      double tpotWeight,
      String headroomSelectionStrategy,
      double compositeKVWeight,
      double compositeQueueWeight,
      double compositePrefixWeight,
      String latencyPredictionInfoProducerName,
      String prefixMatchInfoProducerName) {}

  /** From the best to the worst. */
  private enum Tier {
    KEPT,
    IDLE,
    TPOT_MISSED,
    TTFT_MISSED,
    BOTH_MISSED,
    UNUSABLE
  }

  /** Stands for an endpoint without a prediction: objectives kept, by nothing. */
  private static final Prediction NOTHING_KNOWN = new Prediction(false, false, 0, 0, 0, 0, 0);

  private final FactKey<LatencyPredictions> predictionsKey;
  private final FactKey<PrefixMatches> matchesKey;
  private final boolean prefersMostHeadroom;
  private final HeadroomRanking.Weights headroomWeights;
  private final CompositeRanking compositeRanking;

  public LatencyScorer(Parameters parameters) {
    this.predictionsKey =
        LatencyPredictions.keyOrDefault(parameters.latencyPredictionInfoProducerName());
    this.matchesKey = PrefixMatches.keyOrDefault(parameters.prefixMatchInfoProducerName());
    this.prefersMostHeadroom = parameters.headroomSelectionStrategy().equals(HEADROOM_MOST);
    this.headroomWeights =
        HeadroomRanking.Weights.of(parameters.ttftWeight(), parameters.tpotWeight());
    this.compositeRanking =
        new CompositeRanking(
            parameters.compositeKVWeight(),
            parameters.compositeQueueWeight(),
            parameters.compositePrefixWeight());
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    LatencyPredictions predictions = cycle.facts().get(predictionsKey);
    if (predictions == null || isSilent(predictions, cycle.candidates())) {
      return compositeRanking.scores(cycle, cycle.facts().get(matchesKey));
    }
    Tier best = bestTier(predictions, cycle.candidates());
    HeadroomRanking ranking = rankingOf(best, predictions, cycle.candidates());
    return Scores.of(
        cycle,
        candidate -> {
          Prediction prediction = at(predictions, candidate);
          return best != Tier.UNUSABLE && tierOf(prediction) == best
              ? ranking.scoreOf(prediction)
              : 0;
        });
  }

  private static boolean isSilent(LatencyPredictions predictions, Candidates candidates) {
    for (int i = 0; i < candidates.size(); i++) {
      if (predictions.at(candidates.get(i).slot()) != null) {
        return false;
      }
    }
    return true;
  }

  private static Tier bestTier(LatencyPredictions predictions, Candidates candidates) {
    Tier best = Tier.UNUSABLE;
    for (int i = 0; i < candidates.size(); i++) {
      Tier tier = tierOf(at(predictions, candidates.get(i)));
      best = tier.compareTo(best) < 0 ? tier : best;
    }
    return best;
  }

  private HeadroomRanking rankingOf(
      Tier tier, LatencyPredictions predictions, Candidates candidates) {
    boolean isMostBest = prefersMostHeadroom && tier == Tier.KEPT;
    HeadroomRanking ranking = new HeadroomRanking(headroomWeights, isMostBest);
    for (int i = 0; i < candidates.size(); i++) {
      Prediction prediction = at(predictions, candidates.get(i));
      if (tierOf(prediction) == tier) {
        ranking.include(prediction);
      }
    }
    return ranking;
  }

  private static Prediction at(LatencyPredictions predictions, Candidate candidate) {
    return Objects.requireNonNullElse(predictions.at(candidate.slot()), NOTHING_KNOWN);
  }

  private static Tier tierOf(Prediction prediction) {
    double ttft = prediction.ttftHeadroomMillis();
    double tpot = prediction.tpotHeadroomMillis();
    if (Double.isNaN(ttft) || Double.isNaN(tpot)) {
      return Tier.UNUSABLE;
    } else if (ttft >= 0 && tpot >= 0) {
      return Tier.KEPT;
    } else if (prediction.dispatchedRequests() == 0) {
      return Tier.IDLE;
    } else if (ttft >= 0) {
      return Tier.TPOT_MISSED;
    }
    return tpot >= 0 ? Tier.TTFT_MISSED : Tier.BOTH_MISSED;
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(predictionsKey, matchesKey);
  }

  @Override
  public Set<FactKey<?>> uses() {
    return Set.of(LoadFields.WAITING_REQUESTS, LoadFields.KV_CACHE_UTILIZATION);
  }
}
