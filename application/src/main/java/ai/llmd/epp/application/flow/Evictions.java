package ai.llmd.epp.application.flow;

import ai.llmd.epp.application.port.out.FlowObserver;
import ai.llmd.epp.domain.flow.FlowQueues;
import ai.llmd.epp.domain.flow.eviction.Reclaimer;
import ai.llmd.epp.domain.flow.eviction.RunningRequest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The reclaimer, for several threads: each holds it for a moment only. */
final class Evictions {

  /** How long a request that is let in may owe its room to one that was evicted. */
  private static final long OWED_NANOS = Reclaimer.CONFIRMATION_NANOS;

  private static final int MAX_OWED = 64;

  private record Room(RunningRequest victim, int forPriority, long at) {}

  private final Reclaimer reclaimer; // guarded by this
  private final Deque<Room> owed = new ArrayDeque<>(); // guarded by this
  private long now; // guarded by this: of the call that is made

  Evictions(long graceNanos, FlowObserver observer) {
    reclaimer =
        new Reclaimer(
            graceNanos,
            new Reclaimer.Observer() {
              @Override
              public void issued(RunningRequest victim, int forPriority) {
                owe(victim, forPriority);
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

  private void owe(RunningRequest victim, int forPriority) {
    victim.evicted().forBand(forPriority);
    if (owed.size() == MAX_OWED) {
      owed.removeFirst();
    }
    owed.addLast(new Room(victim, forPriority, now));
  }

  synchronized void useGrace(long nanos) {
    reclaimer.useGrace(nanos);
  }

  synchronized void dispatched(RunningRequest request) {
    reclaimer.dispatched(request);
  }

  synchronized void ended(RunningRequest request, long at) {
    reclaimer.ended(request, at);
  }

  synchronized List<RunningRequest> reclaim(FlowQueues queues, double saturation, long at) {
    now = at;
    return reclaimer.reclaim(queues, saturation, at);
  }

  /**
   * A request that waited is let in: the one that was evicted first for its band, or a lower one,
   * made the room.
   *
   * @return the id of the evicted request; null when none was
   */
  synchronized @Nullable String roomTaken(int priority, String requestId, long at) {
    while (!owed.isEmpty() && at - owed.getFirst().at() > OWED_NANOS) {
      owed.removeFirst();
    }
    for (Room room : owed) {
      if (room.forPriority() <= priority) {
        owed.remove(room);
        room.victim().evicted().forRequest(requestId);
        return room.victim().requestId();
      }
    }
    return null;
  }

  synchronized double target() {
    return reclaimer.target();
  }

  synchronized double pending() {
    return reclaimer.pending();
  }
}
