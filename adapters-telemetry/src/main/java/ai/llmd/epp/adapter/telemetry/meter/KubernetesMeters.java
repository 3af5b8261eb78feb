package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.application.port.out.WatchStatus;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** State of the Kubernetes watches, and which replica leads. Computed at each scrape. */
public final class KubernetesMeters implements MultiCollector {

  /**
   * Who leads.
   *
   * @param lease name of the Lease object
   */
  public record Leadership(String lease, boolean isLeader) {}

  private static final String PREFIX = "llm_d_epp_kubernetes_";

  private final Supplier<List<WatchStatus>> watches;
  private final Supplier<List<Leadership>> leaderships;

  /**
   * @param leaderships one, or none without leader election
   */
  public KubernetesMeters(
      Supplier<List<WatchStatus>> watches, Supplier<List<Leadership>> leaderships) {
    this.watches = watches;
    this.leaderships = leaderships;
  }

  @Override
  public MetricSnapshots collect() {
    List<WatchStatus> now = watches.get();
    List<MetricSnapshot> families = new ArrayList<>();
    families.add(
        gauge(
            now,
            "watch_up",
            "1 while the watch is up and delivers events.",
            watch -> watch.isUpToDate() ? 1 : 0));
    families.add(
        gauge(
            now,
            "sync_age_seconds",
            "Seconds since the watch was last up; 0 while it is.",
            WatchStatus::syncAgeSeconds));
    families.add(
        gauge(
            now,
            "last_event_age_seconds",
            "Seconds since the last watch event or relist.",
            WatchStatus::lastEventAgeSeconds));
    families.add(events(now));
    List<Leadership> leading = leaderships.get();
    if (!leading.isEmpty()) {
      families.add(leadership(leading));
    }
    return new MetricSnapshots(families);
  }

  private static GaugeSnapshot gauge(
      List<WatchStatus> watches, String name, String help, ToDoubleFunction<WatchStatus> value) {
    List<GaugeDataPointSnapshot> points = new ArrayList<>(watches.size());
    for (WatchStatus watch : watches) {
      points.add(new GaugeDataPointSnapshot(value.applyAsDouble(watch), labels(watch), null));
    }
    return new GaugeSnapshot(new MetricMetadata(PREFIX + name, "[ALPHA] " + help), points);
  }

  private static CounterSnapshot events(List<WatchStatus> watches) {
    List<CounterDataPointSnapshot> points = new ArrayList<>(watches.size());
    for (WatchStatus watch : watches) {
      points.add(new CounterDataPointSnapshot(watch.events(), labels(watch), null, 0));
    }
    return new CounterSnapshot(
        new MetricMetadata(PREFIX + "events", "[ALPHA] Watch events received."), points);
  }

  private static Labels labels(WatchStatus watch) {
    return Labels.of("kind", watch.kind());
  }

  private static GaugeSnapshot leadership(List<Leadership> leading) {
    List<GaugeDataPointSnapshot> points =
        leading.stream()
            .map(
                one ->
                    new GaugeDataPointSnapshot(
                        one.isLeader() ? 1 : 0, Labels.of("name", one.lease()), null))
            .toList();
    return new GaugeSnapshot(
        new MetricMetadata("leader_election_master_status", "1 if this replica holds the lease."),
        points);
  }
}
