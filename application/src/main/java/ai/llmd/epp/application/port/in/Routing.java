package ai.llmd.epp.application.port.in;

import ai.llmd.epp.application.waiting.QueuePlace;
import ai.llmd.epp.application.waiting.Wait;
import ai.llmd.epp.domain.routing.RoutingDecision;

/** What a call to route came to at once. */
public sealed interface Routing {

  /**
   * The decision, waited for on this very thread if it is not there yet.
   *
   * @throws InterruptedException when the caller is interrupted: nothing is decided
   */
  default RoutingDecision await() throws InterruptedException {
    Routing next = this;
    while (true) {
      switch (next) {
        case Decided(RoutingDecision decision) -> {
          return decision;
        }
        case Waiting(Wait<Routing> rest) -> next = rest.await();
        case Queued(QueuePlace place, Wait<Routing> rest) -> {
          place.await();
          next = rest.await();
        }
      }
    }
  }

  /** Nothing had to wait. */
  record Decided(RoutingDecision decision) implements Routing {}

  /** A step has to wait; the rest of the way is walked by whoever awaits it, once. */
  record Waiting(Wait<Routing> rest) implements Routing {}

  /**
   * The request has to be queued.
   *
   * @param rest the rest of the way, to be walked once when the place is over, however it ended
   */
  record Queued(QueuePlace place, Wait<Routing> rest) implements Routing {}
}
