package ai.llmd.epp.application.flow;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.flow.eviction.RunningRequest;
import ai.llmd.epp.domain.routing.Evicted;
import ai.llmd.epp.domain.routing.Eviction;
import ai.llmd.epp.domain.routing.FlowEvidence;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutedRequest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Follows the requests that flow control has let in: the end of one makes room for another, and
 * while it runs it may be evicted. Behind all plugins that count work in flight.
 */
public record FlowTracking(FlowController controller) implements PreRequest {

  /** As one of the plugins that act on a decision. */
  public static Named<PreRequest> of(FlowController controller) {
    return new Named<>(FlowAdmission.NAME, FlowAdmission.NAME, new FlowTracking(controller));
  }

  @Override
  public ResponseObserver onRouted(RoutedRequest routed) {
    if (!controller.isEvicting()) {
      return new Running(null);
    }
    Eviction eviction = new Eviction();
    FlowEvidence evidence = routed.facts().get(FlowEvidence.KEY);
    Evicted evicted = evidence == null ? null : evidence.evicted();
    routed.facts().put(Eviction.KEY, eviction);
    var running =
        new RunningRequest(
            routed.request().requestId(),
            routed.request().priority(),
            controller.now(),
            evicted == null ? new Evicted() : evicted,
            eviction::evict);
    controller.evictions().dispatched(running);
    return new Running(running);
  }

  private final class Running implements ResponseObserver {

    private final @Nullable RunningRequest tracked;

    Running(@Nullable RunningRequest tracked) {
      this.tracked = tracked;
    }

    @Override
    public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
      if (tracked != null) {
        controller.evictions().ended(tracked, controller.now());
      }
      controller.ended();
      return Map.of();
    }
  }
}
