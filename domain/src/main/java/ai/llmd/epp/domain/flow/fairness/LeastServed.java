package ai.llmd.epp.domain.flow.fairness;

import ai.llmd.epp.domain.flow.FlowQueue;
import ai.llmd.epp.domain.flow.FlowSelector;
import ai.llmd.epp.domain.flow.fairness.LowerHull.Point;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the flow with the best mix of little service and a long wait.
 *
 * <p>Both are spread over the flows that wait, so neither the time nor the half-life changes the
 * order between two flows: services lose weight all alike, and waits grow all alike. The score is
 * {@code weight - a * service - b * since}, with {@code a} and {@code b} the same for all flows.
 */
final class LeastServed implements FlowSelector {

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final double ROUNDING = 1e-9; // equal sums of tokens are equal
  private static final double MAX_EXPONENT = 200; // products of three stay finite

  private final ProgramAwareFairness policy;
  private final Map<String, Point> points = new ConcurrentHashMap<>(); // read by other threads
  private final Set<String> served = ConcurrentHashMap.newKeySet(); // ranked by an old number
  private final LowerHull hull = new LowerHull();
  private double unit; // logarithm of the service that counts as 1

  LeastServed(ProgramAwareFairness policy) {
    this.policy = policy;
  }

  /** A program has been served. Any thread. */
  void served(String program) {
    if (points.containsKey(program)) {
      served.add(program);
    }
  }

  @Override
  public void opened(FlowQueue flow) {
    rank(flow);
  }

  private void rank(FlowQueue flow) {
    String id = flow.fairnessId();
    // visible first: a program that is served from here on is ranked again
    points.putIfAbsent(id, new Point(flow, 0, 0));
    double logService = policy.logService(id);
    if (logService - unit <= MAX_EXPONENT) {
      place(flow, logService);
      return;
    }
    unit = logService; // services lose weight, so those that come are larger, without an end
    hull.clear();
    for (Point point : List.copyOf(points.values())) {
      place(point.flow(), policy.logService(point.flow().fairnessId()));
    }
  }

  private void place(FlowQueue flow, double logService) {
    double service = Math.pow(2, Math.min(logService - unit, MAX_EXPONENT));
    Point point = new Point(flow, service, flow.head().enqueuedAt() / NANOS_PER_MILLI);
    points.put(flow.fairnessId(), point);
    hull.add(point);
  }

  @Override
  public void headChanged(FlowQueue flow) {
    withdraw(flow.fairnessId());
    rank(flow);
  }

  @Override
  public void closed(FlowQueue flow) {
    withdraw(flow.fairnessId());
    served.remove(flow.fairnessId());
  }

  private void withdraw(String id) {
    Point point = points.remove(id);
    if (point != null) {
      hull.remove(point);
    }
  }

  private void rankServed() {
    for (Iterator<String> ids = served.iterator(); ids.hasNext(); ) {
      String id = ids.next();
      ids.remove(); // first: one that is served meanwhile is noted again
      Point point = points.get(id);
      if (point != null) {
        headChanged(point.flow());
      }
    }
  }

  @Override
  public @Nullable FlowQueue pick(long now) {
    if (!served.isEmpty()) {
      rankServed();
    }
    return hull.cheapest(policy.weightOfService(), policy.weightOfWait(), ROUNDING);
  }
}
