package ai.llmd.epp.domain.flow.fairness;

import ai.llmd.epp.domain.flow.FlowQueue;
import ai.llmd.epp.domain.flow.FlowSelector;
import ai.llmd.epp.domain.flow.QueuedRequest;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the flow with the best mix of little service and a long wait without looking at all of
 * them: it goes down both rankings at once and stops when no flow further down can be better (the
 * threshold algorithm of Fagin, Lotem and Naor, 2003). That takes a few steps, unless those who
 * wait longest are also those who were served most.
 */
final class LeastServed implements FlowSelector {

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final double ROUNDING = 1e-9; // equal sums of tokens are equal

  /** A flow with what it is ranked by. */
  private record Entry(FlowQueue flow, double logService, QueuedRequest head) {}

  private final ProgramAwareFairness policy;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>(); // read by other threads
  private final Set<String> served = ConcurrentHashMap.newKeySet(); // ranked by an old number
  private final TreeSet<Entry> leastServed =
      new TreeSet<>(
          Comparator.comparingDouble(Entry::logService)
              .thenComparing(entry -> entry.flow().fairnessId()));
  private final TreeSet<Entry> longestWaiting =
      new TreeSet<>(
          Comparator.<Entry>comparingLong(entry -> entry.head().enqueuedAt())
              .thenComparing(entry -> entry.flow().fairnessId()));

  LeastServed(ProgramAwareFairness policy) {
    this.policy = policy;
  }

  /** A program has been served. Any thread. */
  void served(String program) {
    if (entries.containsKey(program)) {
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
    entries.putIfAbsent(id, new Entry(flow, 0, flow.head()));
    Entry entry = new Entry(flow, policy.logService(id), flow.head());
    entries.put(id, entry);
    leastServed.add(entry);
    longestWaiting.add(entry);
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
    Entry entry = entries.remove(id);
    if (entry != null) {
      leastServed.remove(entry);
      longestWaiting.remove(entry);
    }
  }

  private void rankServed() {
    for (Iterator<String> ids = served.iterator(); ids.hasNext(); ) {
      String id = ids.next();
      ids.remove(); // first: one that is served meanwhile is noted again
      Entry entry = entries.get(id);
      if (entry != null) {
        withdraw(id);
        rank(entry.flow());
      }
    }
  }

  @Override
  public @Nullable FlowQueue pick(long now) {
    if (!served.isEmpty()) {
      rankServed();
    }
    if (entries.isEmpty()) {
      return null;
    }
    Scale scale = new Scale(now);
    Iterator<Entry> byService = leastServed.iterator();
    Iterator<Entry> byWait = longestWaiting.iterator();
    Entry best = leastServed.first();
    double bestScore = scale.score(best, best);
    while (byService.hasNext()) {
      Entry least = byService.next();
      Entry waiting = byWait.next();
      double ofServed = scale.score(least, least);
      if (ofServed > bestScore) {
        best = least;
        bestScore = ofServed;
      }
      double ofWaiting = scale.score(waiting, waiting);
      if (ofWaiting > bestScore) {
        best = waiting;
        bestScore = ofWaiting;
      }
      if (bestScore >= scale.score(least, waiting)) {
        break; // what an entry could have that is below both
      }
    }
    return best.flow();
  }

  /** Spreads the flows that wait now over [0, 1]. */
  private final class Scale {

    private final long now;
    private final double halfLives = policy.halfLives();
    private final double leastService = service(leastServed.first());
    private final double mostService = service(leastServed.last());
    private final long shortestWait;
    private final long longestWait;

    Scale(long now) {
      this.now = now;
      this.shortestWait = wait(longestWaiting.last());
      this.longestWait = wait(longestWaiting.first());
    }

    private double service(Entry entry) {
      return Program.service(entry.logService(), halfLives);
    }

    private long wait(Entry entry) {
      return (now - entry.head().enqueuedAt()) / NANOS_PER_MILLI;
    }

    /** The score of a flow with the service of one entry and the wait of another. */
    double score(Entry served, Entry waiting) {
      double serviceShare =
          mostService - leastService <= ROUNDING * mostService
              ? 0.5
              : (service(served) - leastService) / (mostService - leastService);
      double waitShare =
          longestWait == shortestWait
              ? 0.5
              : (double) (wait(waiting) - shortestWait) / (longestWait - shortestWait);
      return policy.weightOfService() * (1 - serviceShare) + policy.weightOfWait() * waitShare;
    }
  }
}
