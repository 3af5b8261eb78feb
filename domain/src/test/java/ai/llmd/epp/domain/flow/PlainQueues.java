package ai.llmd.epp.domain.flow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** {@link FlowQueues} as one would write it without caring for speed: one list, looked through. */
final class PlainQueues {

  enum Fairness {
    STRICT,
    IN_TURN
  }

  private record Waiting(QueuedRequest request, long enqueuedAt, long ttl, long number) {}

  private final FlowSettings settings;
  private final Comparator<QueuedRequest> ordering;
  private final Fairness fairness;
  private final List<Waiting> waiting = new ArrayList<>();
  private final Map<Integer, String> lastTurn = new HashMap<>();
  private boolean isPoolEmpty;
  private long poolChangedAt;
  private long number;

  PlainQueues(FlowSettings settings, Comparator<QueuedRequest> ordering, Fairness fairness) {
    this.settings = settings;
    this.ordering = ordering;
    this.fairness = fairness;
  }

  boolean offer(QueuedRequest request, long now) {
    BandSettings band = settings.band(request.priority());
    if ((settings.maxRequests() > 0 && waiting.size() + 1 > settings.maxRequests())
        || (settings.maxBytes() > 0 && bytes(waiting) + request.bytes() > settings.maxBytes())) {
      return false;
    }
    List<Waiting> others = ofBand(request.priority());
    if (others.size() + 1 > band.maxRequests()
        || bytes(others) + request.bytes() > band.maxBytes()) {
      return false;
    }
    waiting.add(new Waiting(request, now, band.ttlNanos(), number++));
    return true;
  }

  private static long bytes(List<Waiting> requests) {
    return requests.stream().mapToLong(one -> one.request().bytes()).sum();
  }

  private List<Waiting> ofBand(int priority) {
    return waiting.stream().filter(one -> one.request().priority() == priority).toList();
  }

  void observePool(boolean isEmpty, long now) {
    if (isEmpty != isPoolEmpty) {
      isPoolEmpty = isEmpty;
      poolChangedAt = now;
    }
  }

  @Nullable QueuedRequest next(double saturation, int[] priorities) {
    double[] ceilings = new double[priorities.length];
    Arrays.fill(ceilings, 1);
    settings.usageLimit().plugin().ceilings(saturation, priorities, ceilings);
    for (int i = 0; i < priorities.length; i++) {
      if (saturation >= ceilings[i]) {
        return null;
      }
      List<Waiting> band = ofBand(priorities[i]);
      if (!band.isEmpty()) {
        QueuedRequest chosen = choose(band, priorities[i]);
        remove(chosen);
        return chosen;
      }
    }
    return null;
  }

  private QueuedRequest choose(List<Waiting> band, int priority) {
    if (fairness == Fairness.STRICT) {
      return first(band);
    }
    TreeSet<String> flows = new TreeSet<>();
    band.forEach(one -> flows.add(one.request().fairnessId()));
    String last = lastTurn.get(priority);
    String next = last == null ? null : flows.higher(last);
    String flow = next == null ? flows.first() : next;
    lastTurn.put(priority, flow);
    return first(band.stream().filter(one -> one.request().fairnessId().equals(flow)).toList());
  }

  private QueuedRequest first(List<Waiting> requests) {
    return requests.stream()
        .min(Comparator.comparing(Waiting::request, ordering).thenComparingLong(Waiting::number))
        .orElseThrow()
        .request();
  }

  @SuppressWarnings("ReferenceEquality") // the very request
  void remove(QueuedRequest request) {
    waiting.removeIf(one -> one.request() == request);
    if (ofBand(request.priority()).isEmpty()) {
      lastTurn.remove(request.priority());
    }
  }

  /** Those that have waited long enough, in no particular order; they wait no more. */
  List<QueuedRequest> expired(long now) {
    List<QueuedRequest> expired =
        waiting.stream().filter(one -> isExpired(one, now)).map(Waiting::request).toList();
    expired.forEach(this::remove);
    return expired;
  }

  private boolean isExpired(Waiting one, long now) {
    long budget = isPoolEmpty ? settings.noEndpointTtlNanos() : one.ttl();
    boolean isOver = budget > 0 && now >= Math.max(one.enqueuedAt(), poolChangedAt) + budget;
    boolean isOverdue =
        one.ttl() > 0
            && settings.noEndpointTtlNanos() > 0
            && now
                >= one.enqueuedAt()
                    + Math.max(one.ttl(), settings.noEndpointTtlNanos())
                    + 2_000_000_000L;
    return isOver || isOverdue;
  }

  int size() {
    return waiting.size();
  }

  /** Any of those that wait. */
  QueuedRequest any(Random random) {
    return waiting.get(random.nextInt(waiting.size())).request();
  }
}
