package ai.llmd.epp.domain.scheduling.admitter;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.objective.LatencyObjectives;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.Admitter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns a sheddable request away that no endpoint is predicted to serve within its latency
 * objectives. An endpoint that runs nothing, or whose KV cache is nearly empty, might, whatever is
 * predicted; and where nothing is predicted all are let in.
 */
public final class LatencySloAdmitter implements Admitter {

  public static final PluginType<Parameters> TYPE =
      PluginType.of("latency-slo-admitter", new Parameters(""), LatencySloAdmitter::new);

  private static final double COLD_KV_CACHE = 0.02;
  private static final String DENIAL = "no valid endpoint available to serve the request";

  /**
   * Who predicts.
   *
   * @param latencyPredictionInfoProducerName instance whose predictions are read; empty means
   *     {@link LatencyPredictions#DEFAULT_PRODUCER}
   */
  public record Parameters(String latencyPredictionInfoProducerName) {}

  private final FactKey<LatencyPredictions> key;

  public LatencySloAdmitter(Parameters parameters) {
    this.key = LatencyPredictions.keyOrDefault(parameters.latencyPredictionInfoProducerName());
  }

  @Override
  public @Nullable String denial(SchedulingCycle cycle) {
    if (!cycle.request().isSheddable()
        || !LatencyObjectives.of(cycle.request().headers()).isAnySet()) {
      return null;
    }
    LatencyPredictions predictions = cycle.facts().get(key);
    return predictions == null || maybeServed(predictions, cycle.candidates()) ? null : DENIAL;
  }

  private static boolean maybeServed(LatencyPredictions predictions, Candidates candidates) {
    boolean isAnyPredicted = false;
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      Prediction prediction = predictions.at(candidate.slot());
      if (isUnused(candidate.load()) || isValid(prediction)) {
        return true;
      }
      isAnyPredicted |= prediction != null;
    }
    return !isAnyPredicted;
  }

  private static boolean isValid(@Nullable Prediction prediction) {
    return prediction != null && prediction.isTtftValid() && prediction.isTpotValid();
  }

  private static boolean isUnused(EndpointLoad load) {
    return load.runningRequests() == 0 || load.kvCacheUtilization() < COLD_KV_CACHE;
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(key);
  }
}
