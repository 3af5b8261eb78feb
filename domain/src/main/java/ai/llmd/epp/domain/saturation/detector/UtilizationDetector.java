package ai.llmd.epp.domain.saturation.detector;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.saturation.SaturationDetector;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.time.Duration;

/**
 * Judges fullness by waiting requests and KV-cache utilization.
 *
 * <p>The saturation of one endpoint is {@code max(waiting / queueDepthThreshold, kv /
 * kvCacheUtilThreshold)}, or 1 when its sample is missing, too old or not a number; a pool's is the
 * mean over its endpoints.
 *
 * <p>As a filter it keeps the endpoints with a fresh sample below both thresholds, each raised by
 * the headroom; when none is left it keeps all.
 */
public final class UtilizationDetector implements SaturationDetector, Filter {

  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
          "utilization-detector",
          new Parameters(5, 0.8, Duration.ofMillis(200), 0),
          (parameters, context) ->
              new UtilizationDetector(parameters, context.service(SampleAge.class)));

  /**
   * What counts as full.
   *
   * @param queueDepthThreshold waiting requests at which an endpoint is full, above 0
   * @param kvCacheUtilThreshold KV-cache utilization at which an endpoint is full, within (0, 1]
   * @param metricsStalenessThreshold age from which a sample is not used, above 0; what a sample
   *     ages because the pool was idle does not count
   * @param headroom share by which the filter raises both thresholds, 0 or more
   */
  public record Parameters(
      int queueDepthThreshold,
      double kvCacheUtilThreshold,
      Duration metricsStalenessThreshold,
      double headroom) {

    public Parameters {
      if (queueDepthThreshold <= 0) {
        throw new IllegalArgumentException(
            "queueDepthThreshold must be above 0, was " + queueDepthThreshold);
      }
      if (!(kvCacheUtilThreshold > 0 && kvCacheUtilThreshold <= 1)) {
        throw new IllegalArgumentException(
            "kvCacheUtilThreshold must be above 0 and at most 1, was " + kvCacheUtilThreshold);
      }
      if (!metricsStalenessThreshold.isPositive()) {
        throw new IllegalArgumentException(
            "metricsStalenessThreshold must be above 0, was " + metricsStalenessThreshold);
      }
      if (!(headroom >= 0)) {
        throw new IllegalArgumentException("headroom must be 0 or more, was " + headroom);
      }
    }
  }

  private final Parameters parameters;
  private final SampleAge age;
  private final long staleAfterNanos;
  private final double queueLimit;
  private final double kvCacheLimit;

  public UtilizationDetector(Parameters parameters, SampleAge age) {
    this.parameters = parameters;
    this.age = age;
    this.staleAfterNanos = parameters.metricsStalenessThreshold().toNanos();
    this.queueLimit = parameters.queueDepthThreshold() * (1 + parameters.headroom());
    this.kvCacheLimit = parameters.kvCacheUtilThreshold() * (1 + parameters.headroom());
  }

  @Override
  public double saturation(Candidates candidates, long nowNanos) {
    if (candidates.isEmpty()) {
      return 1;
    }
    double sum = 0;
    for (int i = 0; i < candidates.size(); i++) {
      sum += saturation(candidates.get(i).load(), nowNanos);
    }
    return sum / candidates.size();
  }

  @Override
  public int staleEndpoints(Candidates candidates, long nowNanos) {
    int stale = 0;
    for (int i = 0; i < candidates.size(); i++) {
      if (isStale(candidates.get(i).load(), nowNanos)) {
        stale++;
      }
    }
    return stale;
  }

  private double saturation(EndpointLoad load, long nowNanos) {
    if (isStale(load, nowNanos) || Double.isNaN(load.kvCacheUtilization())) {
      return 1;
    }
    double queue = (double) load.waitingRequests() / parameters.queueDepthThreshold();
    return Math.max(queue, load.kvCacheUtilization() / parameters.kvCacheUtilThreshold());
  }

  @Override
  public Candidates filter(SchedulingCycle cycle) {
    Candidates kept = cycle.candidates().where(c -> hasRoom(c.load(), cycle.nowNanos()));
    return kept.isEmpty() ? cycle.candidates() : kept;
  }

  private boolean hasRoom(EndpointLoad load, long nowNanos) {
    return !isStale(load, nowNanos)
        && load.waitingRequests() < queueLimit
        && load.kvCacheUtilization() < kvCacheLimit;
  }

  private boolean isStale(EndpointLoad load, long nowNanos) {
    return !load.isSampled() || age.nanos(load, nowNanos) > staleAfterNanos;
  }
}
