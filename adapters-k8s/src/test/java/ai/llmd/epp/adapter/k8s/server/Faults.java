package ai.llmd.epp.adapter.k8s.server;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** What an API server suffers from, and what it was asked for meanwhile. Any thread. */
final class Faults {

  /** Watches that were begun. */
  final AtomicInteger watches = new AtomicInteger();

  /** Watches that were answered with 410 Gone. */
  final AtomicInteger refusedWatches = new AtomicInteger();

  /** Reads other than watches. */
  final AtomicInteger lists = new AtomicInteger();

  /** Parts of paths that may not be read. */
  final List<String> forbidden = new CopyOnWriteArrayList<>();

  /** Whether a watch that comes too late is refused by the HTTP status, or by its first event. */
  volatile boolean refusesByStatus;

  /** How long every list takes. */
  volatile Duration delay = Duration.ZERO;

  /** Whether it may be read; counts what may. */
  boolean isPermitted(String pathAndQuery) {
    if (forbidden.stream().anyMatch(pathAndQuery::contains)) {
      return false;
    }
    (isWatch(pathAndQuery) ? watches : lists).incrementAndGet();
    return true;
  }

  static boolean isWatch(String pathAndQuery) {
    return pathAndQuery.contains("watch=true");
  }
}
