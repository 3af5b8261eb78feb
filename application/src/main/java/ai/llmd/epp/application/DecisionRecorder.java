package ai.llmd.epp.application;

import ai.llmd.epp.application.port.out.RoutingObserver;
import ai.llmd.epp.domain.routing.RoutingDecision;
import java.util.function.LongSupplier;

/**
 * Keeps every decision, so that it can be explained afterwards.
 *
 * @param epochMillis the wall clock, in milliseconds since 1970
 * @param nanoClock as {@link System#nanoTime()}
 */
public record DecisionRecorder(DecisionRing ring, LongSupplier epochMillis, LongSupplier nanoClock)
    implements RoutingObserver {

  @Override
  public void decided(RoutingDecision decision) {
    ring.add(DecisionRecord.of(decision, epochMillis.getAsLong(), nanoClock.getAsLong()));
  }
}
