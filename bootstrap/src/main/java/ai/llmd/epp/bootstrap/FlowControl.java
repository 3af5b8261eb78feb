package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.telemetry.meter.FlowMeters;
import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.flow.FlowController;
import ai.llmd.epp.application.flow.FlowRules;
import ai.llmd.epp.cli.Options;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.EffectiveConfiguration.Stages;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.flow.FlowSettings;
import ai.llmd.epp.domain.saturation.detector.ConcurrencyDetector;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Flow control of the program, or none where its feature gate is off. */
final class FlowControl {

  /** Work in flight is counted here, and shows at once. */
  private static final Duration GRACE_COUNTED = Duration.ofMillis(10);

  private static final Duration GRACE_MEASURED = Duration.ofMillis(250);

  private FlowControl() {}

  /** Starts it, if the configuration has it. */
  static @Nullable FlowController start(
      Options options, EffectiveConfiguration configuration, SharedParts shared, LivePool pool) {
    FlowRules rules = rules(options, configuration);
    if (rules == null) {
      return null;
    }
    FlowMeters meters =
        new FlowMeters(
            shared.meters().registry,
            shared.meters().limits,
            pool.current().name(),
            shared.nanoClock());
    FlowController controller =
        new FlowController(
            rules,
            pool,
            new PluginCalls(shared.meters().faults, shared.nanoClock()),
            meters,
            shared.meters().threads,
            shared.nanoClock());
    meters.show(controller::figures);
    return controller.start();
  }

  /** What a configuration has it do; null where the feature gate is off. */
  static @Nullable FlowRules rules(Options options, EffectiveConfiguration configuration) {
    Stages stages = configuration.stages();
    FlowSettings settings = stages.flow();
    return settings == null
        ? null
        : new FlowRules(
            settings,
            stages.saturationDetector(),
            stages.isEvicting(),
            grace(options, stages).toNanos());
  }

  /** How long it takes until the detector shows that a request has ended. */
  private static Duration grace(Options options, Stages stages) {
    return stages.saturationDetector().plugin() instanceof ConcurrencyDetector
        ? GRACE_COUNTED
        : options
            .metrics()
            .scrapeInterval()
            .plus(options.metrics().stalenessThreshold())
            .plus(GRACE_MEASURED);
  }
}
