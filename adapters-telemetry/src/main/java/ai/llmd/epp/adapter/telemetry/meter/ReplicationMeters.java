package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.Buckets;
import ai.llmd.epp.adapter.telemetry.series.Distribution;
import ai.llmd.epp.application.port.out.ReplicationFigures;
import ai.llmd.epp.application.port.out.ReplicationObserver;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Shows how replication between replicas works, and logs when its state changes: one line per
 * change. Any thread.
 */
public final class ReplicationMeters implements ReplicationObserver {

  private static final Logger log = LoggerFactory.getLogger(ReplicationMeters.class);

  private static final double MILLIS_PER_SECOND = 1000;

  private final PrometheusRegistry registry;
  private final String store;
  private final CounterDataPoint appendedBatches;
  private final CounterDataPoint appendedBytes;
  private final CounterDataPoint appliedBatches;
  private final CounterDataPoint refused;
  private final Distribution.Series lag;
  private final Distribution.Series appends;
  private final Distribution.Series written;
  private final Distribution.Series read;

  /**
   * @param store kind of the store, as in the configuration
   */
  public ReplicationMeters(PrometheusRegistry registry, String store) {
    this.registry = registry;
    this.store = store;
    appendedBatches = counter("llm_d_epp_state_batches_sent_total", "Batches sent to the store.");
    appendedBytes = counter("llm_d_epp_state_bytes_sent_total", "Bytes sent to the store.");
    appliedBatches =
        counter("llm_d_epp_state_batches_applied_total", "Batches from other replicas applied.");
    refused =
        counter(
            "llm_d_epp_state_batches_refused_total",
            "Batches from other replicas in a format that this version cannot read.");
    lag =
        seconds(
                "llm_d_epp_state_lag_seconds",
                "Delay from a change on another replica to its application here, by both wall"
                    + " clocks.",
                Buckets.REPLICATION_LAG,
                "store")
            .with(store);
    appends =
        seconds(
                "llm_d_epp_state_append_seconds",
                "Duration of one append to the store.",
                Buckets.REPLICATION_LAG,
                "store")
            .with(store);
    Distribution snapshots =
        seconds(
            "llm_d_epp_state_snapshot_seconds",
            "Duration of writing or reading a whole snapshot.",
            Buckets.LATENCY,
            "store",
            "direction");
    written = snapshots.with(store, "written");
    read = snapshots.with(store, "read");
  }

  private CounterDataPoint counter(String name, String help) {
    return Counter.builder()
        .name(name)
        .help("[ALPHA] " + help)
        .labelNames("store")
        .withoutExemplars()
        .register(registry)
        .labelValues(store);
  }

  private Distribution seconds(String name, String help, double[] buckets, String... labels) {
    var distribution = new Distribution(name, "[ALPHA] " + help, buckets, labels);
    registry.register(distribution);
    return distribution;
  }

  /**
   * Shows the figures at each scrape.
   *
   * @param figures how much was sent and received
   * @param status current state of replication
   * @param epochMillis wall clock
   */
  public void show(
      Supplier<ReplicationFigures> figures, Supplier<Status> status, LongSupplier epochMillis) {
    showState(status, epochMillis);
    gauge("llm_d_epp_state_replicas", "Other live replicas.", figures, f -> f.replicas());
    gauge(
        "llm_d_epp_state_backlog_bytes",
        "Bytes not yet sent to the store.",
        figures,
        f -> f.backlogBytes());
    gauge(
        "llm_d_epp_state_warm",
        "1 once the state of the other replicas has been loaded.",
        figures,
        f -> f.isWarm() ? 1 : 0);
    count(
        "llm_d_epp_state_batches_dropped_total",
        "Batches dropped before they were sent to the store.",
        figures,
        f -> f.droppedBatches());
    count(
        "llm_d_epp_state_batches_lost_total",
        "Batches from other replicas lost because no peer could resend them.",
        figures,
        f -> f.lostBatches());
    count(
        "llm_d_epp_state_entries_applied_total",
        "Entries from other replicas applied.",
        figures,
        f -> f.appliedEntries());
  }

  private void showState(Supplier<Status> status, LongSupplier epochMillis) {
    GaugeWithCallback.builder()
        .name("llm_d_epp_state_store_state")
        .help("[ALPHA] 1 for the current state of replication, 0 for the others.")
        .labelNames("store", "state")
        .callback(
            callback -> {
              for (State state : State.values()) {
                callback.call(status.get().state() == state ? 1 : 0, store, text(state));
              }
            })
        .register(registry);
    GaugeWithCallback.builder()
        .name("llm_d_epp_state_store_state_age_seconds")
        .help("[ALPHA] Seconds since the state of replication last changed.")
        .labelNames("store")
        .callback(
            callback -> {
              long age = epochMillis.getAsLong() - status.get().sinceMillis();
              callback.call(age / MILLIS_PER_SECOND, store);
            })
        .register(registry);
  }

  private static String text(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private void gauge(
      String name,
      String help,
      Supplier<ReplicationFigures> figures,
      ToDoubleFunction<ReplicationFigures> figure) {
    GaugeWithCallback.builder()
        .name(name)
        .help("[ALPHA] " + help)
        .labelNames("store")
        .callback(callback -> callback.call(figure.applyAsDouble(figures.get()), store))
        .register(registry);
  }

  private void count(
      String name,
      String help,
      Supplier<ReplicationFigures> figures,
      ToDoubleFunction<ReplicationFigures> figure) {
    CounterWithCallback.builder()
        .name(name)
        .help("[ALPHA] " + help)
        .labelNames("store")
        .callback(callback -> callback.call(figure.applyAsDouble(figures.get()), store))
        .register(registry);
  }

  @Override
  public void changed(Status status) {
    log.atLevel(status.state() == State.CUT_OFF ? Level.WARN : Level.INFO)
        .addKeyValue("store", store)
        .addKeyValue("state", text(status.state()))
        .addKeyValue("detail", status.detail())
        .log("state store");
  }

  @Override
  public void appended(int batches, long bytes, long nanos) {
    appendedBatches.inc(batches);
    appendedBytes.inc(bytes);
    appends.observeNanos(nanos);
  }

  @Override
  public void applied(long lagMicros) {
    appliedBatches.inc();
    lag.observeNanos(TimeUnit.MICROSECONDS.toNanos(Math.max(0, lagMicros)));
  }

  @Override
  public void refused(String reason) {
    refused.inc();
  }

  @Override
  public void snapshotWritten(long bytes, long nanos) {
    snapshot("written", bytes, nanos, written);
  }

  @Override
  public void snapshotRead(long bytes, long nanos) {
    snapshot("read", bytes, nanos, read);
  }

  private void snapshot(String direction, long bytes, long nanos, Distribution.Series times) {
    times.observeNanos(nanos);
    log.atDebug()
        .addKeyValue("direction", direction)
        .addKeyValue("bytes", bytes)
        .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(nanos))
        .log("state snapshot");
  }
}
