package ai.llmd.epp.domain.scheduling.filter;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Set;

/**
 * Keeps the endpoints that are predicted to meet the request's latency objectives: both headrooms
 * are 0 or more.
 *
 * <p>Now and then it keeps the others instead, so that the predictor goes on learning about them;
 * and when none meets the objectives it keeps the others anyway. Among these, endpoints without a
 * prediction come last. Without any prediction all are kept.
 */
public final class SloHeadroomTierFilter implements Filter {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
          "slo-headroom-tier-filter", new Parameters(0.01, ""), SloHeadroomTierFilter::new);

  /**
   * How often the others get a request, and who predicts.
   *
   * @param epsilonExploreNeg share of the requests that go to the others, within {@code [0, 1]}
   * @param latencyPredictionInfoProducerName instance whose predictions are read; empty means
   *     {@link LatencyPredictions#DEFAULT_PRODUCER}
   */
  public record Parameters(double epsilonExploreNeg, String latencyPredictionInfoProducerName) {

    public Parameters {
      if (!(epsilonExploreNeg >= 0 && epsilonExploreNeg <= 1)) {
        throw new IllegalArgumentException(
            "epsilonExploreNeg must be within 0 and 1, was " + epsilonExploreNeg);
      }
    }
  }

  private final double exploredShare;
  private final FactKey<LatencyPredictions> key;

  public SloHeadroomTierFilter(Parameters parameters) {
    this.exploredShare = parameters.epsilonExploreNeg();
    this.key = LatencyPredictions.keyOrDefault(parameters.latencyPredictionInfoProducerName());
  }

  @Override
  public Candidates filter(SchedulingCycle cycle) {
    LatencyPredictions predictions = cycle.facts().get(key);
    if (predictions == null || cycle.candidates().size() <= 1) {
      return cycle.candidates();
    }
    Candidates meeting = cycle.candidates().where(c -> meets(predictions, c.slot()));
    if (meeting.size() == cycle.candidates().size()) {
      return meeting;
    }
    boolean isForOthers =
        meeting.isEmpty() || (exploredShare > 0 && cycle.random().nextDouble() < exploredShare);
    return isForOthers ? others(cycle.candidates(), predictions) : meeting;
  }

  private static boolean meets(LatencyPredictions predictions, int slot) {
    Prediction prediction = predictions.at(slot);
    return prediction != null
        && prediction.ttftHeadroomMillis() >= 0
        && prediction.tpotHeadroomMillis() >= 0;
  }

  /** Those that are predicted to miss an objective, then those of which nothing is predicted. */
  private static Candidates others(Candidates all, LatencyPredictions predictions) {
    Candidate[] chosen = new Candidate[all.size()];
    int count = 0;
    for (int i = 0; i < all.size(); i++) {
      int slot = all.get(i).slot();
      if (predictions.at(slot) != null && !meets(predictions, slot)) {
        chosen[count++] = all.get(i);
      }
    }
    for (int i = 0; i < all.size(); i++) {
      if (predictions.at(all.get(i).slot()) == null) {
        chosen[count++] = all.get(i);
      }
    }
    return all.select(chosen, count);
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(key);
  }
}
