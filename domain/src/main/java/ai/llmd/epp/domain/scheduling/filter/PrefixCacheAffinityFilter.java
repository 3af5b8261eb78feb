package ai.llmd.epp.domain.scheduling.filter;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.latency.PrefillThroughputs;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the sticky endpoints, those that hold a large share of the prompt in their prefix cache,
 * unless waiting for them costs too much.
 *
 * <p>It costs too much when the best time to first token among the sticky endpoints exceeds the
 * best one among the others by more than the penalty. That time is either estimated, {@code tokens
 * in flight / peak prefill throughput}, or predicted; without a prediction it is endless.
 *
 * <p>Keeps all when none is sticky, when sticking costs too much, and now and then by chance, so
 * that prefixes spread.
 */
public sealed class PrefixCacheAffinityFilter implements Filter permits CalibratedAffinityFilter {

  static final double DEFAULT_THROUGHPUT = 15_928;

  @SuppressWarnings("ClassInitializationDeadlock") // the other is made long after this is there
  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
          "prefix-cache-affinity-filter",
          new Parameters(
              0.80,
              0,
              18_000,
              TtftSource.PREFILL_THROUGHPUT,
              OptionalDouble.of(DEFAULT_THROUGHPUT),
              "",
              "",
              ""),
          (parameters, context) ->
              parameters.isThroughputLearned()
                  ? new CalibratedAffinityFilter(
                      parameters,
                      new PrefillThroughputs(DEFAULT_THROUGHPUT),
                      context.service(LongSupplier.class))
                  : new PrefixCacheAffinityFilter(parameters));

  /**
   * Who sticks, and at what price.
   *
   * @param affinityThreshold share of the prompt's blocks from which an endpoint is sticky, at most
   *     1; 0 and less switch the filter off
   * @param explorationProbability share of the requests for which all endpoints are kept, within
   *     {@code [0, 1]}
   * @param maxTTFTPenaltyMs by how much the best sticky endpoint may be slower, in milliseconds; 0
   *     is any amount
   * @param ttftSource where the times to first token come from
   * @param peakPrefillThroughput prompt tokens that an endpoint computes per second, above 0 when
   *     times are estimated from it; {@code auto} learns it for each endpoint, from the times to
   *     the first token of streamed responses
   * @param prefixMatchInfoProducerName instance whose matches are read; empty means {@link
   *     PrefixMatches#DEFAULT_PRODUCER}
   * @param latencyPredictionInfoProducerName instance whose predictions are read; empty means
   *     {@link LatencyPredictions#DEFAULT_PRODUCER}
   * @param inFlightLoadProducerName instance whose counts are read; empty means {@link
   *     InFlightLoad#DEFAULT_PRODUCER}
   */
  public record Parameters(
      double affinityThreshold,
      double explorationProbability,
      double maxTTFTPenaltyMs,
      TtftSource ttftSource,
      OptionalDouble peakPrefillThroughput,
      String prefixMatchInfoProducerName,
      String latencyPredictionInfoProducerName,
      String inFlightLoadProducerName) {

    public Parameters {
      if (!(affinityThreshold <= 1)) { // also refuses NaN, as the others do
        throw new IllegalArgumentException(
            "affinityThreshold must be at most 1, was " + affinityThreshold);
      }
      if (!(explorationProbability >= 0 && explorationProbability <= 1)) {
        throw new IllegalArgumentException(
            "explorationProbability must be within 0 and 1, was " + explorationProbability);
      }
      if (!(maxTTFTPenaltyMs >= 0)) {
        throw new IllegalArgumentException(
            "maxTTFTPenaltyMs must be 0 or more, was " + maxTTFTPenaltyMs);
      }
      boolean isEstimated = ttftSource == TtftSource.PREFILL_THROUGHPUT && maxTTFTPenaltyMs > 0;
      double throughput = peakPrefillThroughput.orElse(DEFAULT_THROUGHPUT);
      if (!(throughput >= 0) || (isEstimated && throughput == 0)) {
        throw new IllegalArgumentException(
            "peakPrefillThroughput must be "
                + (isEstimated ? "above 0" : "0 or more")
                + ", was "
                + throughput);
      }
    }

    /** Whether it is learned, and of use. */
    private boolean isThroughputLearned() {
      return peakPrefillThroughput.isEmpty()
          && ttftSource == TtftSource.PREFILL_THROUGHPUT
          && maxTTFTPenaltyMs > 0
          && affinityThreshold > 0;
    }
  }

  /** Where the times to first token come from. */
  public enum TtftSource {
    /** Estimated from the tokens in flight. */
    PREFILL_THROUGHPUT("prefillThroughput"),
    LATENCY_PREDICTOR("latencyPredictor");

    private final String label;

    TtftSource(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  private final Parameters parameters;
  private final ToDoubleFunction<Candidate> throughput;
  private final FactKey<PrefixMatches> matchesKey;
  private final FactKey<LatencyPredictions> predictionsKey;
  private final FactKey<InFlightLoad> inFlightKey;

  public PrefixCacheAffinityFilter(Parameters parameters) {
    this(parameters, given(parameters.peakPrefillThroughput().orElse(DEFAULT_THROUGHPUT)));
  }

  /**
   * @param throughput prompt tokens that an endpoint computes per second, in place of the parameter
   */
  PrefixCacheAffinityFilter(Parameters parameters, ToDoubleFunction<Candidate> throughput) {
    this.parameters = parameters;
    this.throughput = throughput;
    this.matchesKey = PrefixMatches.keyOrDefault(parameters.prefixMatchInfoProducerName());
    this.predictionsKey =
        LatencyPredictions.keyOrDefault(parameters.latencyPredictionInfoProducerName());
    this.inFlightKey = InFlightLoad.keyOrDefault(parameters.inFlightLoadProducerName());
  }

  private static ToDoubleFunction<Candidate> given(double throughput) {
    return candidate -> throughput;
  }

  @Override
  public Candidates filter(SchedulingCycle cycle) {
    Candidates all = cycle.candidates();
    PrefixMatches matches = cycle.facts().get(matchesKey);
    if (matches == null || all.size() <= 1 || parameters.affinityThreshold() <= 0) {
      return all;
    }
    if (isExploring(cycle)) {
      return all;
    }
    Candidates sticky = all.where(candidate -> isSticky(matches, candidate.slot()));
    boolean isChoice = !sticky.isEmpty() && sticky.size() < all.size();
    return isChoice && !isTooSlow(all, matches, cycle.facts()) ? sticky : all;
  }

  private boolean isExploring(SchedulingCycle cycle) {
    double probability = parameters.explorationProbability();
    return probability > 0 && cycle.random().nextDouble() < probability;
  }

  private boolean isSticky(PrefixMatches matches, int slot) {
    double total = matches.totalBlocks(slot);
    return total > 0 && matches.matchedBlocks(slot) / total >= parameters.affinityThreshold();
  }

  private boolean isTooSlow(Candidates all, PrefixMatches matches, Facts facts) {
    if (parameters.maxTTFTPenaltyMs() == 0) {
      return false;
    }
    ToDoubleFunction<Candidate> ttftMillis = ttftMillis(facts);
    double bestSticky = Double.MAX_VALUE;
    double bestOther = Double.MAX_VALUE;
    for (int i = 0; i < all.size(); i++) {
      Candidate candidate = all.get(i);
      double millis = ttftMillis.applyAsDouble(candidate);
      if (isSticky(matches, candidate.slot())) {
        bestSticky = millis < bestSticky ? millis : bestSticky; // passes over NaN
      } else {
        bestOther = millis < bestOther ? millis : bestOther;
      }
    }
    return bestSticky - bestOther > parameters.maxTTFTPenaltyMs();
  }

  private ToDoubleFunction<Candidate> ttftMillis(Facts facts) {
    if (parameters.ttftSource() == TtftSource.LATENCY_PREDICTOR) {
      LatencyPredictions predictions = facts.get(predictionsKey);
      return candidate -> predictedMillis(predictions, candidate.slot());
    }
    InFlightLoad inFlight = facts.get(inFlightKey);
    return candidate ->
        inFlight == null
            ? 0
            : inFlight.tokens(candidate.slot()) / throughput.applyAsDouble(candidate) * 1_000;
  }

  private static double predictedMillis(@Nullable LatencyPredictions predictions, int slot) {
    Prediction prediction = predictions == null ? null : predictions.at(slot);
    return prediction == null ? Double.MAX_VALUE : prediction.ttftMillis();
  }

  @Override
  public Set<FactKey<?>> requires() {
    if (parameters.maxTTFTPenaltyMs() == 0) {
      return Set.of(matchesKey);
    }
    return parameters.ttftSource() == TtftSource.LATENCY_PREDICTOR
        ? Set.of(matchesKey, predictionsKey)
        : Set.of(matchesKey, inFlightKey);
  }
}
