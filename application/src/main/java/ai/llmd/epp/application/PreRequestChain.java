package ai.llmd.epp.application;

import ai.llmd.epp.application.port.out.PluginFaults;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.RequestRefused;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Lets every pre-request plugin act on a decision, failing ones too, and judges the outcome. */
public final class PreRequestChain {

  static final String EXTENSION_POINT = "PreRequest";

  private final List<Named<PreRequest>> plugins;
  private final PluginFaults faults;
  private final LongSupplier nanoClock;

  /**
   * @param plugins in configuration order
   */
  public PreRequestChain(
      List<Named<PreRequest>> plugins, PluginFaults faults, LongSupplier nanoClock) {
    this.plugins = List.copyOf(plugins);
    this.faults = faults;
    this.nanoClock = nanoClock;
  }

  /**
   * What the plugins said.
   *
   * @param observers of those that succeeded; they hold things until they hear of the end
   * @param refusal null when every plugin succeeded
   */
  record Outcome(List<ResponseObserver> observers, @Nullable Refusal refusal) {}

  /** Runs all plugins and notes each step. */
  Outcome run(RoutedRequest routed, List<Evidence.Step> steps) {
    List<ResponseObserver> observers = new ArrayList<>(plugins.size());
    List<Failure> failures = new ArrayList<>(0);
    for (Named<PreRequest> plugin : plugins) {
      long startedAt = nanoClock.getAsLong();
      String degraded = "";
      try {
        @Nullable ResponseObserver observer = plugin.plugin().onRouted(routed);
        if (observer != null) {
          observers.add(new FollowedPlugin(plugin, observer, faults));
        }
      } catch (Throwable thrown) {
        RuntimeException e = Failures.contain(thrown);
        faults.failed(EXTENSION_POINT, plugin.name(), plugin.type(), e);
        failures.add(new Failure(plugin, e));
        degraded = Failures.reason(e);
      }
      steps.add(
          new Evidence.Step(
              EXTENSION_POINT,
              plugin.name(),
              plugin.type(),
              nanoClock.getAsLong() - startedAt,
              degraded));
    }
    return new Outcome(observers, failures.isEmpty() ? null : judge(failures));
  }

  /** A single refusal keeps its reason; anything else is the picker's own failure. */
  private static Refusal judge(List<Failure> failures) {
    if (failures.size() == 1 && failures.getFirst().cause() instanceof RequestRefused refused) {
      return new Refusal(refused.reason(), refused.detail());
    }
    return new Refusal(
        Reason.INTERNAL, String.join("\n", failures.stream().map(Failure::sentence).toList()));
  }

  private record Failure(Named<PreRequest> plugin, RuntimeException cause) {

    String sentence() {
      String message = cause.getMessage();
      return "PreRequest \"%s\" failed: %s"
          .formatted(plugin, message == null ? cause.getClass().getSimpleName() : message);
    }
  }
}
