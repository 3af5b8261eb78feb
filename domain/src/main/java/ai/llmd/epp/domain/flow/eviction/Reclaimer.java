package ai.llmd.epp.domain.flow.eviction;

import ai.llmd.epp.domain.flow.FlowQueues;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Chooses running requests whose eviction makes room for a band that is held up. Each is expected
 * to free its share of the saturation; until it has ended, and what it freed has shown in the
 * saturation, no other is chosen. Used by one thread at a time; times must not go back.
 */
public final class Reclaimer {

  /** How many are chosen at once. */
  public static final int MAX_REVOCATIONS = 2;

  /** How long an evicted request may take to end before it is taken for ended. */
  public static final long CONFIRMATION_NANOS = 10_000_000_000L;

  /** Receives what becomes of evictions. */
  public interface Observer {

    /** A request is evicted for a band of this priority. */
    void issued(RunningRequest victim, int forPriority);

    /** An evicted request has ended. */
    void confirmed(long nanos);

    /** An evicted request has not ended in time. */
    void timedOut();
  }

  private record Issued(long at, double credit) {}

  private record Cooling(long until, double credit) {}

  private long graceNanos;
  private final Observer observer;
  private final Map<String, RunningRequest> running = new HashMap<>();
  private final PriorityThenTimeEviction.Queue evictable = new PriorityThenTimeEviction.Queue();
  private final Map<RunningRequest, Issued> outstanding = new HashMap<>();
  private final List<Cooling> cooling = new ArrayList<>();
  private double target;
  private double pending;

  /**
   * @param graceNanos how long it takes until the saturation shows that a request has ended
   */
  public Reclaimer(long graceNanos, Observer observer) {
    this.graceNanos = graceNanos;
    this.observer = observer;
  }

  /** From now on it takes this long until the saturation shows that a request has ended. */
  public void useGrace(long nanos) {
    graceNanos = nanos;
  }

  /** A request runs. Another one of the same id, if any, is not followed any more. */
  public void dispatched(RunningRequest request) {
    RunningRequest before = running.put(request.requestId(), request);
    if (before != null) {
      evictable.remove(before);
    }
    if (SheddableEvictionFilter.accepts(request)) {
      evictable.add(request);
    }
  }

  /** A request runs no more. */
  public void ended(RunningRequest request, long now) {
    running.remove(request.requestId(), request);
    evictable.remove(request);
    Issued issued = outstanding.remove(request);
    if (issued != null) {
      observer.confirmed(now - issued.at());
      cooling.add(new Cooling(now + graceNanos, issued.credit()));
    }
  }

  /** Number of requests that run. */
  public int running() {
    return running.size();
  }

  /** The saturation above the ceiling of the band for which room was made last. */
  public double target() {
    return target;
  }

  /** The saturation that evicted requests are expected to free, and have not yet. */
  public double pending() {
    return pending;
  }

  /**
   * Chooses the requests to evict, after a cycle that stopped at a band's ceiling; none when no
   * band is held up, when none of lower priority runs, or while earlier evictions have not shown.
   *
   * @param queues after the cycle
   * @param saturation that the cycle saw
   */
  public List<RunningRequest> reclaim(FlowQueues queues, double saturation, long now) {
    settle(now);
    RunningRequest first = evictable.head();
    if (!outstanding.isEmpty() || !cooling.isEmpty() || first == null) {
      return List.of();
    }
    int band = queues.starving(saturation, first.priority());
    if (band < 0) {
      return List.of();
    }
    target = saturation - queues.ceilingAt(band);
    double net = target - pending;
    if (net < 0 || (net == 0 && pending > 0)) {
      return List.of();
    }
    double credit = saturation / running.size();
    long wanted = Math.max(1, (long) Math.ceil(net / credit));
    return revoke((int) Math.min(wanted, MAX_REVOCATIONS), credit, queues.priorities()[band], now);
  }

  private List<RunningRequest> revoke(int count, double credit, int forPriority, long now) {
    List<RunningRequest> victims = new ArrayList<>(count);
    while (victims.size() < count) {
      RunningRequest victim = evictable.head();
      if (victim == null || victim.priority() >= forPriority) {
        break;
      }
      evictable.remove(victim);
      outstanding.put(victim, new Issued(now, credit));
      pending += credit;
      victims.add(victim);
      observer.issued(victim, forPriority);
    }
    return victims;
  }

  private void settle(long now) {
    for (Iterator<Issued> all = outstanding.values().iterator(); all.hasNext(); ) {
      Issued issued = all.next();
      if (now - issued.at() >= CONFIRMATION_NANOS) {
        all.remove();
        observer.timedOut();
        cooling.add(new Cooling(now + graceNanos, issued.credit()));
      }
    }
    cooling.removeIf(
        cooled -> {
          if (cooled.until() > now) {
            return false;
          }
          pending = Math.max(0, pending - cooled.credit());
          return true;
        });
    if (outstanding.isEmpty() && cooling.isEmpty()) {
      pending = 0; // what rounding has left
    }
  }
}
