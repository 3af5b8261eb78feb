package ai.llmd.epp.application.port.in;

import ai.llmd.epp.application.waiting.Wait;
import ai.llmd.epp.domain.routing.RoutingDecision;

/** What a call to route came to at once. */
public sealed interface Routing {

  /**
   * The decision, waited for if it is not there yet.
   *
   * @throws InterruptedException when the caller is interrupted: nothing is decided
   */
  RoutingDecision await() throws InterruptedException;

  /** Nothing had to wait. */
  record Decided(RoutingDecision decision) implements Routing {

    @Override
    public RoutingDecision await() {
      return decision;
    }
  }

  /** A step has to wait; the rest of the way is walked by whoever awaits it, once. */
  record Waiting(Wait<RoutingDecision> rest) implements Routing {

    @Override
    public RoutingDecision await() throws InterruptedException {
      return rest.await();
    }
  }
}
