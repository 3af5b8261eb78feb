package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.Buckets;
import ai.llmd.epp.adapter.telemetry.series.DeprecatedTwin;
import ai.llmd.epp.adapter.telemetry.series.Distribution;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.port.out.RoutingObserver;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.RewriteOrigin;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Reads a decision's evidence into metrics: how long the scheduler and each plugin took, where
 * requests were sent, why they were refused, which models were rewritten. Any thread.
 */
public final class RoutingMeters implements RoutingObserver, PoolObserver {

  private final LabelLimits limits;
  private final PluginDurations plugins;
  private final ScheduledCounts attempts;
  private final Distribution.Series scheduling;
  private final RewriteMeters rewrites;
  private final Counter rejects;
  private final Counter degraded;
  private final LoadAgeMeters ages;

  /**
   * @param nanoClock the clock of the load samples
   */
  public RoutingMeters(
      PrometheusRegistry registry,
      LabelLimits limits,
      PluginDurations plugins,
      LongSupplier nanoClock) {
    this.ages = new LoadAgeMeters(registry, nanoClock);
    this.limits = limits;
    this.plugins = plugins;
    this.attempts = new ScheduledCounts(registry);
    limits.follow(attempts);
    this.rewrites = new RewriteMeters(registry, limits);
    var seconds =
        new Distribution(
            "llm_d_epp_scheduler_e2e_duration_seconds",
            "[ALPHA] Duration of one scheduling call.",
            Buckets.FAST);
    registry.register(seconds);
    registry.register(
        new DeprecatedTwin(seconds, "inference_extension_scheduler_e2e_duration_seconds"));
    this.scheduling = seconds.with();
    this.rejects =
        Counter.builder()
            .name("llm_d_epp_requests_rejected_total")
            .help("[ALPHA] Requests rejected by routing, by reason.")
            .labelNames("reason")
            .withoutExemplars()
            .register(registry);
    this.degraded =
        Counter.builder()
            .name("llm_d_epp_degraded_steps_total")
            .help("[ALPHA] Plugin calls that failed or timed out and were skipped in a decision.")
            .labelNames("extension_point", "plugin_type", "plugin_name")
            .withoutExemplars()
            .register(registry);
  }

  @Override
  public void decided(RoutingDecision decision) {
    switch (decision) {
      case Route route -> came(route.labels(), route.evidence());
      case Reject reject -> {
        rejects.labelValues(reject.reason().name().toLowerCase(Locale.ROOT)).inc();
        came(reject.labels(), reject.evidence());
      }
    }
  }

  /** An endpoint that is gone takes its series with it, or churn would grow the page for ever. */
  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    attempts.forget(endpoint.endpoint());
    released.run();
  }

  private void came(RequestLabels labels, Evidence evidence) {
    RewriteOrigin rewrite = evidence.resolution().rewrite();
    if (rewrite != null) {
      rewrites.decided(rewrite.rewrite(), labels.incomingModel(), labels.targetModel());
    }
    for (Evidence.Step step : evidence.steps()) {
      called(step);
      if (!step.degraded().isEmpty()) {
        degraded.labelValues(step.extensionPoint(), step.type(), step.name()).inc();
      }
    }
    if (evidence.scheduleNanos() == 0) {
      return; // refused before scheduling
    }
    scheduling.observeNanos(evidence.scheduleNanos());
    String model = limits.model(labels.targetModel());
    if (evidence.choice() == null) {
      attempts.failed(model);
    } else {
      Endpoint destination = evidence.choice().destination();
      attempts.succeeded(model, destination);
    }
    evidence.handlerCalls().forEach(this::called);
    evidence.profiles().forEach(this::ran);
  }

  private void called(Evidence.Step step) {
    plugins.record(step.extensionPoint(), step.type(), step.name(), step.nanos());
  }

  private void ran(ProfileEvidence profile) {
    for (ProfileEvidence.Filtered filter : profile.filters()) {
      plugins.record("Filter", filter.type(), filter.name(), filter.nanos());
    }
    for (ProfileEvidence.Scored scorer : profile.scorers()) {
      plugins.record("Scorer", scorer.type(), scorer.name(), scorer.nanos());
    }
    ProfileEvidence.Picked pick = profile.pick();
    if (pick != null) {
      plugins.record("Picker", pick.type(), pick.name(), pick.nanos());
      ages.used(pick.picks().get(0).load());
    }
  }
}
