package ai.llmd.epp.application;

import ai.llmd.epp.domain.calls.Called;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.RequestRefused;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets every pre-request plugin act on a decision, failing ones too, and judges the outcome. */
public final class PreRequestChain {

  static final String EXTENSION_POINT = "PreRequest";

  private final List<Named<PreRequest>> plugins;
  private final PluginCalls calls;

  /**
   * @param plugins in configuration order
   */
  public PreRequestChain(List<Named<PreRequest>> plugins, PluginCalls calls) {
    this.plugins = List.copyOf(plugins);
    this.calls = calls;
  }

  /** What the plugins did. Collects without a list of its own: it is made for every request. */
  static final class Outcome {

    private static final int MAX_MORE = 2; // health, stored answers

    private final ResponseObserver[] observers;
    private int count;
    private @Nullable Refusal refusal;

    private Outcome(int plugins) {
      observers = new ResponseObserver[plugins + MAX_MORE];
    }

    /** The caller may add {@value #MAX_MORE} more. */
    void add(ResponseObserver observer) {
      observers[count++] = observer;
    }

    /** Of those that succeeded; they hold things until the response has ended. */
    List<ResponseObserver> observers() {
      return switch (count) {
        case 0 -> List.of();
        case 1 -> List.of(observers[0]);
        case 2 -> List.of(observers[0], observers[1]);
        default -> List.of(Arrays.copyOf(observers, count));
      };
    }

    /** Null when every plugin succeeded. */
    @Nullable Refusal refusal() {
      return refusal;
    }
  }

  /** Runs all plugins and notes each step. */
  Outcome run(RoutedRequest routed, List<Evidence.Step> steps) {
    Outcome outcome = new Outcome(plugins.size());
    List<Called.Threw<?>> failures = new ArrayList<>(0);
    for (Named<PreRequest> plugin : plugins) {
      Called<@Nullable ResponseObserver> called =
          calls.call(EXTENSION_POINT, plugin, acting -> acting.onRouted(routed));
      steps.add(Evidence.Step.of(EXTENSION_POINT, plugin, called));
      switch (called) {
        case Called.Threw<?> threw -> failures.add(threw);
        case Called.Returned<@Nullable ResponseObserver> returned -> {
          ResponseObserver observer = returned.result();
          if (observer != null) {
            outcome.add(
                new GuardedObserver(new Named<>(plugin.name(), plugin.type(), observer), calls));
          }
        }
      }
    }
    outcome.refusal = failures.isEmpty() ? null : judge(failures);
    return outcome;
  }

  /** A single refusal keeps its reason; anything else is the picker's own failure. */
  private static Refusal judge(List<Called.Threw<?>> failures) {
    if (failures.size() == 1 && failures.getFirst().failure() instanceof RequestRefused refused) {
      return new Refusal(refused.reason(), refused.detail());
    }
    return new Refusal(
        Reason.INTERNAL,
        String.join("\n", failures.stream().map(PreRequestChain::sentence).toList()));
  }

  private static String sentence(Called.Threw<?> threw) {
    RuntimeException cause = threw.failure();
    String message = cause.getMessage();
    return threw.plugin()
        + " failed: "
        + (message == null ? cause.getClass().getSimpleName() : message);
  }
}
