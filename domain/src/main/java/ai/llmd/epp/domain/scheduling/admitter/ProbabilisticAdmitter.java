package ai.llmd.epp.domain.scheduling.admitter;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.LoadFields;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.Admitter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns sheddable requests away the more often the fuller the candidates are: with probability
 * {@code min(saturation ^ power × k, 1)}, where the saturation is the mean over the candidates of
 * {@code max(waiting / queueDepthThreshold, KV-cache use / kvCacheUtilThreshold)}. An endpoint that
 * has reported neither counts as saturated.
 */
public final class ProbabilisticAdmitter implements Admitter {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
          "probabilistic-admitter", new Parameters(5, 0.8, 5, 300), ProbabilisticAdmitter::new);

  /**
   * What counts as full, and how steeply requests are turned away before.
   *
   * @param queueDepthThreshold waiting requests of a saturated endpoint, above 0
   * @param kvCacheUtilThreshold KV-cache use of a saturated endpoint, above 0
   * @param power exponent of the saturation, above 0
   * @param k factor of the probability, above 0
   */
  public record Parameters(
      int queueDepthThreshold, double kvCacheUtilThreshold, double power, double k) {

    public Parameters {
      check("queueDepthThreshold", queueDepthThreshold);
      check("kvCacheUtilThreshold", kvCacheUtilThreshold);
      check("power", power);
      check("k", k);
    }

    private static void check(String name, double value) {
      if (!(value > 0)) { // also refuses NaN
        throw new IllegalArgumentException(name + " must be above 0, was " + value);
      }
    }
  }

  private final Parameters parameters;

  public ProbabilisticAdmitter(Parameters parameters) {
    this.parameters = parameters;
  }

  @Override
  public @Nullable String denial(SchedulingCycle cycle) {
    if (!cycle.request().isSheddable() || cycle.candidates().isEmpty()) {
      return null;
    }
    double saturation = saturation(cycle.candidates());
    double probability = Math.min(Math.pow(saturation, parameters.power()) * parameters.k(), 1);
    return cycle.random().nextDouble() < probability
        ? String.format(
            Locale.ROOT,
            "probabilistic-admitter: rejected, saturation=%.3f prob=%.2f",
            saturation,
            probability)
        : null;
  }

  private double saturation(Candidates candidates) {
    double sum = 0;
    for (int i = 0; i < candidates.size(); i++) {
      sum += saturation(candidates.get(i).load());
    }
    return sum / candidates.size();
  }

  private double saturation(EndpointLoad load) {
    boolean hasQueue = load.reported().waitingRequests();
    boolean hasCache = load.reported().kvCacheUtilization();
    if (!hasQueue && !hasCache) {
      return 1;
    }
    double queue =
        hasQueue ? (double) load.waitingRequests() / parameters.queueDepthThreshold() : 0;
    double cache = hasCache ? load.kvCacheUtilization() / parameters.kvCacheUtilThreshold() : 0;
    return Math.max(0, Math.max(queue, cache));
  }

  @Override
  public Set<FactKey<?>> uses() {
    return Set.of(LoadFields.WAITING_REQUESTS, LoadFields.KV_CACHE_UTILIZATION);
  }
}
