package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.domain.flow.fairness.ProgramAwareFairness;
import ai.llmd.epp.domain.flow.fairness.ProgramAwareFairness.Figures;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Shows how fairly {@code program-aware-fairness} treats programs; nothing where no such policy is
 * configured. Computed at each scrape; of more than 1000 programs some are left out.
 */
public final class ProgramFairnessMeters {

  private static final String PREFIX = "llm_d_epp_program_aware_";
  private static final int MAX_PROGRAMS = 1_000;

  private final Supplier<List<ProgramAwareFairness>> policies;

  /**
   * @param policies those of the configuration in force; any thread
   */
  public ProgramFairnessMeters(
      PrometheusRegistry registry, Supplier<List<ProgramAwareFairness>> policies) {
    this.policies = policies;
    GaugeWithCallback.builder()
        .name(PREFIX + "jains_fairness_index")
        .help("[ALPHA] Jain's index over the mean waits of programs: 1 when all wait alike.")
        .callback(
            callback -> {
              if (!policies.get().isEmpty()) {
                callback.call(ProgramAwareFairness.fairnessIndex(programs()));
              }
            })
        .register(registry);
    gauge(
        registry,
        "avg_wait_time_milliseconds",
        "Mean time that requests of a program waited for their turn.",
        Figures::meanWaitMillis);
    gauge(
        registry,
        "attained_service_tokens",
        "Tokens that a program was served, older ones counting less.",
        Figures::service);
  }

  private List<Figures> programs() {
    return policies.get().stream().flatMap(policy -> policy.programs().stream()).toList();
  }

  private void gauge(
      PrometheusRegistry registry, String name, String help, ToDoubleFunction<Figures> value) {
    GaugeWithCallback.builder()
        .name(PREFIX + name)
        .help("[ALPHA] " + help)
        .labelNames("program_id")
        .callback(
            callback ->
                programs().stream()
                    .limit(MAX_PROGRAMS)
                    .forEach(
                        program -> callback.call(value.applyAsDouble(program), program.program())))
        .register(registry);
  }
}
