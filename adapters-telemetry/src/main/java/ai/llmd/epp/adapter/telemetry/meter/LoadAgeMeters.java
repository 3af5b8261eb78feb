package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.Buckets;
import ai.llmd.epp.adapter.telemetry.series.Distribution;
import ai.llmd.epp.domain.pool.EndpointLoad;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.LongSupplier;

/**
 * How old the values of load were by which endpoints were picked: those of the picked one, each
 * that was known. Any thread; allocates nothing.
 */
final class LoadAgeMeters {

  private final Distribution.Series waiting;
  private final Distribution.Series running;
  private final Distribution.Series kvCache;
  private final Distribution.Series adapters;
  private final LongSupplier nanoClock;

  /**
   * @param nanoClock the clock of the load samples
   */
  LoadAgeMeters(PrometheusRegistry registry, LongSupplier nanoClock) {
    var ages =
        new Distribution(
            "llm_d_epp_load_age_seconds",
            "[ALPHA] Age of what was known of the picked endpoint's load, when it was picked.",
            Buckets.SAMPLE_AGE,
            "value");
    registry.register(ages);
    this.waiting = ages.with("waiting_requests");
    this.running = ages.with("running_requests");
    this.kvCache = ages.with("kv_cache_utilization");
    this.adapters = ages.with("adapters");
    this.nanoClock = nanoClock;
  }

  /** An endpoint with this load was picked. */
  void used(EndpointLoad load) {
    if (!load.isSampled()) {
      return;
    }
    long now = nanoClock.getAsLong();
    EndpointLoad.Reported known = load.reported();
    EndpointLoad.ReadTimes readAt = load.readAt();
    observe(waiting, known.waitingRequests(), now, readAt.waitingRequests());
    observe(running, known.runningRequests(), now, readAt.runningRequests());
    observe(kvCache, known.kvCacheUtilization(), now, readAt.kvCacheUtilization());
    observe(adapters, known.adapters(), now, readAt.adapters());
  }

  private static void observe(Distribution.Series ages, boolean isKnown, long now, long readAt) {
    if (isKnown && readAt != EndpointLoad.ReadTimes.NEVER) {
      ages.observeNanos(Math.max(0, now - readAt));
    }
  }
}
