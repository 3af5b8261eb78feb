package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.ObservedTtft;
import ai.llmd.epp.domain.facts.ObservedTtft.Percentiles;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import ai.llmd.epp.domain.ttft.TtftCurve;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Prefers endpoints whose first token is expected soonest, by what was seen of them and the
 * requests that they have in flight now: {@code (max - t) / (max - min)}. Needs nothing from the
 * endpoints, which may be other clusters.
 *
 * <p>An endpoint that has been seen too little is tried with a small share of the requests: for
 * each its score is drawn, 1 or 0. While none has been seen enough, all score 1.
 */
public final class LatencyObservationScorer implements Scorer {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
              "latency-observation-scorer-hub",
              new Parameters(0.1, 2, 0, "", ""),
              LatencyObservationScorer::new)
          .alpha();

  /**
   * How much is tried, and what is compared.
   *
   * @param explorationRate probability, 0 to 1, with which an endpoint that has been seen too
   *     little scores 1
   * @param minInflightGap requests in flight by which the low and the typical load must differ for
   *     both to count; more than 0
   * @param roundTTFTStep seconds to whose multiples expected times are rounded; 0 for not at all
   * @param ttftPercentilesProducerName instance whose observations are read; empty means {@link
   *     ObservedTtft#DEFAULT_PRODUCER}
   * @param inFlightLoadProducerName instance whose counts are read; empty means {@link
   *     InFlightLoad#DEFAULT_PRODUCER}
   */
  public record Parameters(
      double explorationRate,
      double minInflightGap,
      double roundTTFTStep,
      String ttftPercentilesProducerName,
      String inFlightLoadProducerName) {

    public Parameters {
      if (!(explorationRate >= 0 && explorationRate <= 1)) {
        throw new IllegalArgumentException(
            "explorationRate must be within 0 and 1, was " + explorationRate);
      }
      if (!(minInflightGap > 0 && minInflightGap <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "minInflightGap must be more than 0, was " + minInflightGap);
      }
      if (!(roundTTFTStep >= 0 && roundTTFTStep <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException("roundTTFTStep must be 0 or more, was " + roundTTFTStep);
      }
    }
  }

  private static final double UNKNOWN = Double.NaN;

  private final FactKey<ObservedTtft> ttftKey;
  private final FactKey<InFlightLoad> inFlightKey;
  private final TtftCurve curve;
  private final double explorationRate;
  private final double step;

  public LatencyObservationScorer(Parameters parameters) {
    this.ttftKey = ObservedTtft.keyOrDefault(parameters.ttftPercentilesProducerName());
    this.inFlightKey = InFlightLoad.keyOrDefault(parameters.inFlightLoadProducerName());
    this.curve = new TtftCurve(parameters.minInflightGap());
    this.explorationRate = parameters.explorationRate();
    this.step = parameters.roundTTFTStep();
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(ttftKey, inFlightKey);
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    double[] expected = expected(cycle);
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (double seconds : expected) {
      if (!Double.isNaN(seconds)) {
        min = Math.min(min, seconds);
        max = Math.max(max, seconds);
      }
    }
    if (min > max) {
      return Scores.all(cycle, 1);
    }
    double best = min;
    double worst = max;
    return Scores.of(
        cycle,
        candidate -> {
          double seconds = expected[candidate.slot()];
          if (Double.isNaN(seconds)) {
            return cycle.random().nextDouble() < explorationRate ? 1 : 0;
          }
          return worst == best ? 1 : (worst - seconds) / (worst - best);
        });
  }

  /** Seconds by slot; NaN for what has been seen too little. */
  private double[] expected(SchedulingCycle cycle) {
    ObservedTtft observed = cycle.facts().get(ttftKey);
    InFlightLoad load = cycle.facts().get(inFlightKey);
    Candidates candidates = cycle.candidates();
    double[] expected = new double[candidates.slotCount()];
    Arrays.fill(expected, UNKNOWN);
    if (observed != null && load != null) {
      for (int i = 0; i < candidates.size(); i++) {
        Candidate candidate = candidates.get(i);
        expected[candidate.slot()] =
            expected(observed.at(candidate.slot()), load, candidate.slot());
      }
    }
    return expected;
  }

  private double expected(@Nullable Percentiles known, InFlightLoad load, int slot) {
    boolean isReadable = slot < load.requests().length;
    if (known == null || !known.isCalibrated() || !isReadable) {
      return UNKNOWN;
    }
    double seconds = curve.predict(known, (double) load.requests(slot));
    return step > 0 ? Math.rint(seconds / step) * step : seconds;
  }
}
