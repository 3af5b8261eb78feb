package ai.llmd.epp.application.flow;

import ai.llmd.epp.application.port.out.FlowObserver;
import ai.llmd.epp.domain.flow.FlowQueues;
import ai.llmd.epp.domain.flow.eviction.Reclaimer;
import ai.llmd.epp.domain.flow.eviction.RunningRequest;
import java.util.List;

/** The reclaimer, for several threads: each holds it for a moment only. */
final class Evictions {

  private final Reclaimer reclaimer; // guarded by this

  Evictions(long graceNanos, FlowObserver observer) {
    reclaimer =
        new Reclaimer(
            graceNanos,
            new Reclaimer.Observer() {
              @Override
              public void issued(RunningRequest victim, int forPriority) {
                observer.revoked(forPriority);
              }

              @Override
              public void confirmed(long nanos) {
                observer.revocationConfirmed(nanos);
              }

              @Override
              public void timedOut() {
                observer.revocationTimedOut();
              }
            });
  }

  synchronized void useGrace(long nanos) {
    reclaimer.useGrace(nanos);
  }

  synchronized void dispatched(RunningRequest request) {
    reclaimer.dispatched(request);
  }

  synchronized void ended(RunningRequest request, long now) {
    reclaimer.ended(request, now);
  }

  synchronized List<RunningRequest> reclaim(FlowQueues queues, double saturation, long now) {
    return reclaimer.reclaim(queues, saturation, now);
  }

  synchronized double target() {
    return reclaimer.target();
  }

  synchronized double pending() {
    return reclaimer.pending();
  }
}
