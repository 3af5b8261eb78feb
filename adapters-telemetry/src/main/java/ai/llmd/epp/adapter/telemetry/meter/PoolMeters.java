package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.PoolSnapshot;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The pool as a whole: means and sample standard deviations over the endpoints with a fresh load
 * sample, how many those are, and each endpoint's queue. Computed at each scrape.
 *
 * <p>Without a fresh endpoint the means and deviations stay as they were last. What an endpoint has
 * never reported is left out of them, and an endpoint that has never reported its queue has none.
 */
public final class PoolMeters implements MultiCollector {

  private static final String NEW = "llm_d_epp_";
  private static final String OLD = "inference_pool_";

  private final Supplier<PoolSnapshot> pool;
  private final long staleAfterNanos;
  private final LongSupplier nanoClock;

  // guarded by this: what is shown while no endpoint is fresh
  private Statistics lastKnown = Statistics.NONE;

  /**
   * @param staleAfterNanos {@code --metrics-staleness-threshold}
   * @param nanoClock the clock of the load samples
   */
  public PoolMeters(Supplier<PoolSnapshot> pool, long staleAfterNanos, LongSupplier nanoClock) {
    this.pool = pool;
    this.staleAfterNanos = staleAfterNanos;
    this.nanoClock = nanoClock;
  }

  @Override
  public synchronized MetricSnapshots collect() {
    PoolSnapshot snapshot = pool.get();
    Candidates all = snapshot.candidates();
    Candidates fresh = all.where(candidate -> isFresh(candidate.load()));
    lastKnown = lastKnown.renewedBy(fresh);
    Labels name = Labels.of("name", snapshot.name());
    List<MetricSnapshot> families = new ArrayList<>();
    lastKnown.addTo(families, name);
    both(
        families,
        "ready_endpoints",
        "ready_pods",
        "Endpoints with fresh metrics.",
        name,
        fresh.size());
    families.add(
        queues(all, NEW + "per_endpoint_queue_size", snapshot.name(), "model_server_endpoint"));
    families.add(queues(all, OLD + "per_pod_queue_size", snapshot.name(), "model_server_pod"));
    return new MetricSnapshots(families);
  }

  private boolean isFresh(EndpointLoad load) {
    return load.isSampled() && nanoClock.getAsLong() - load.sampledAtNanos() <= staleAfterNanos;
  }

  private static GaugeSnapshot queues(
      Candidates all, String family, String pool, String endpointLabel) {
    List<GaugeDataPointSnapshot> points = new ArrayList<>(all.size());
    for (Candidate candidate : all) {
      if (candidate.load().reported().waitingRequests()) {
        points.add(
            new GaugeDataPointSnapshot(
                candidate.load().waitingRequests(),
                Labels.of("name", pool, endpointLabel, candidate.endpoint().id().name()),
                null));
      }
    }
    return new GaugeSnapshot(
        new MetricMetadata(family, "[ALPHA] Requests queued in an endpoint."), points);
  }

  private static void both(
      List<MetricSnapshot> families,
      String name,
      String oldName,
      String help,
      Labels labels,
      double value) {
    families.add(gauge(NEW + name, "[ALPHA] " + help, labels, value));
    families.add(
        gauge(OLD + oldName, "[ALPHA] [Deprecated: Use " + NEW + name + "]", labels, value));
  }

  /** Without a series when the value is not a number. */
  private static GaugeSnapshot gauge(String name, String help, Labels labels, double value) {
    return new GaugeSnapshot(
        new MetricMetadata(name, help),
        Double.isNaN(value) ? List.of() : List.of(new GaugeDataPointSnapshot(value, labels, null)));
  }

  /** One quantity over the fresh endpoints, both rounded to two decimals. */
  private record Spread(double mean, double deviation) {

    static final Spread UNKNOWN = new Spread(Double.NaN, Double.NaN);

    /** Over one candidate or more. */
    static Spread of(Candidates candidates, ToDoubleFunction<EndpointLoad> quantity) {
      double sum = 0;
      for (Candidate candidate : candidates) {
        sum += quantity.applyAsDouble(candidate.load());
      }
      double mean = sum / candidates.size();
      double squares = 0;
      for (Candidate candidate : candidates) {
        double off = quantity.applyAsDouble(candidate.load()) - mean;
        squares += off * off;
      }
      double deviation = Math.sqrt(squares / Math.max(1, candidates.size() - 1));
      return new Spread(rounded(mean), rounded(deviation));
    }

    private static double rounded(double value) {
      return Math.round(value * 100) / 100.0;
    }
  }

  /** What was known last. */
  private record Statistics(Spread kvCache, Spread queue, Spread running) {

    static final Statistics NONE = new Statistics(Spread.UNKNOWN, Spread.UNKNOWN, Spread.UNKNOWN);

    Statistics renewedBy(Candidates fresh) {
      return new Statistics(
          renewed(
              kvCache,
              fresh.where(one -> one.load().reported().kvCacheUtilization()),
              EndpointLoad::kvCacheUtilization),
          renewed(
              queue,
              fresh.where(one -> one.load().reported().waitingRequests()),
              EndpointLoad::waitingRequests),
          renewed(
              running,
              fresh.where(one -> one.load().reported().runningRequests()),
              EndpointLoad::runningRequests));
    }

    private static Spread renewed(
        Spread before, Candidates fresh, ToDoubleFunction<EndpointLoad> quantity) {
      return fresh.isEmpty() ? before : Spread.of(fresh, quantity);
    }

    void addTo(List<MetricSnapshot> families, Labels labels) {
      add(families, labels, "kv_cache_utilization", kvCache);
      add(families, labels, "queue_size", queue);
      add(families, labels, "running_requests", running);
    }

    private static void add(
        List<MetricSnapshot> families, Labels labels, String what, Spread spread) {
      String average = "average_" + what;
      both(families, average, average, "Mean over fresh endpoints.", labels, spread.mean());
      families.add(
          gauge(
              NEW + "std_dev_" + what,
              "[ALPHA] Standard deviation over fresh endpoints.",
              labels,
              spread.deviation()));
    }
  }
}
