package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.application.port.out.DegradationObserver;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Shows which steps of degradation are in force, and logs each change by one line. */
public final class DegradationMeters implements DegradationObserver, MultiCollector {

  private static final Logger log = LoggerFactory.getLogger(DegradationMeters.class);

  private static final MetricMetadata STEP =
      new MetricMetadata(
          "llm_d_epp_degradation_step",
          "[ALPHA] Number of the costliest step of degradation in force; 0 when nothing is given"
              + " up.");
  private static final MetricMetadata STEPS =
      new MetricMetadata(
          "llm_d_epp_degradation_in_force", "[ALPHA] 1 for each step of degradation in force.");

  private final String pool;
  private volatile Degradation current = Degradation.NONE;

  /** Registers itself. */
  public DegradationMeters(PrometheusRegistry registry, String pool) {
    this.pool = pool;
    registry.register(this);
  }

  @Override
  public void changed(Degradation now) {
    boolean isWorse = now.step().compareTo(current.step()) > 0;
    current = now;
    log.atLevel(isWorse ? Level.WARN : Level.INFO)
        .addKeyValue("pool", pool)
        .addKeyValue("step", now.step().label())
        .addKeyValue("steps", now.labels())
        .log("degradation");
  }

  @Override
  public MetricSnapshots collect() {
    Degradation now = current;
    List<GaugeDataPointSnapshot> points = new ArrayList<>();
    for (Step step : Step.values()) {
      if (step != Step.FULL) {
        Labels labels = Labels.of("name", pool, "step", step.label());
        points.add(new GaugeDataPointSnapshot(now.steps().contains(step) ? 1 : 0, labels, null));
      }
    }
    var number = new GaugeDataPointSnapshot(now.step().number(), Labels.of("name", pool), null);
    return new MetricSnapshots(
        new GaugeSnapshot(STEP, List.of(number)), new GaugeSnapshot(STEPS, points));
  }
}
