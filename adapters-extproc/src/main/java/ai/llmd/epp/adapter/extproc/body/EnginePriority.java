package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import java.util.Map;

/**
 * A request's priority as its model server understands it: vLLM serves the lower number first, so
 * its sign is turned for servers whose label names that engine.
 */
public final class EnginePriority {

  private static final String ENGINE = "llm-d.ai/engine-type";
  private static final String OLD_ENGINE = "inference.networking.k8s.io/engine-type";
  private static final String VLLM = "vllm";

  private EnginePriority() {}

  /** The number that the destination is to get. */
  public static int of(Route route) {
    int priority = route.labels().priority();
    Map<String, String> labels = route.endpoints().getFirst().labels();
    String engine = labels.getOrDefault(ENGINE, labels.getOrDefault(OLD_ENGINE, ""));
    return engine.equalsIgnoreCase(VLLM) ? turned(priority) : priority;
  }

  /** The smallest number has no counterpart. */
  private static int turned(int priority) {
    return priority == Integer.MIN_VALUE ? Integer.MAX_VALUE : -priority;
  }
}
