package ai.llmd.epp.adapter.k8s.server;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What an API server suffers from, and what it was asked for meanwhile. Any thread. */
final class Faults {

  /** Watches that were begun. */
  final AtomicInteger watches = new AtomicInteger();

  /** Watches that were answered with 410 Gone. */
  final AtomicInteger refusedWatches = new AtomicInteger();

  /** Reads other than watches. */
  final AtomicInteger lists = new AtomicInteger();

  /** What is refused, the first that fits. */
  final List<Refusal> refusals = new CopyOnWriteArrayList<>();

  /** What is asked for by those under test. */
  final Set<AskedFor> askedFor = ConcurrentHashMap.newKeySet();

  /** The only token that is accepted; empty when whoever comes is. */
  volatile String token = "";

  /** Whether a watch that comes too late is refused by the HTTP status, or by its first event. */
  volatile boolean refusesByStatus;

  /** How long every list takes. */
  volatile Duration delay = Duration.ZERO;

  /**
   * What is refused.
   *
   * @param pathPart of the path and the query; with {@code $} behind it, their end
   * @param status the answer
   * @param times for how often; counts down
   */
  record Refusal(String pathPart, int status, AtomicInteger times) {

    boolean isFor(String pathAndQuery) {
      return isIn(pathAndQuery) && times.getAndDecrement() > 0;
    }

    private boolean isIn(String pathAndQuery) {
      return pathPart.endsWith("$")
          ? pathAndQuery.endsWith(pathPart.substring(0, pathPart.length() - 1))
          : pathAndQuery.contains(pathPart);
    }
  }

  /** The status with which a read is refused, 0 when it is not; counts those that are not. */
  int refusal(String pathAndQuery) {
    int status = refused(pathAndQuery);
    if (status == 0) {
      (isWatch(pathAndQuery) ? watches : lists).incrementAndGet();
    }
    return status;
  }

  /** The status with which a write is refused, 0 when it is not; the test's own never is. */
  int writeRefusal(String pathAndQuery, @Nullable String userAgent) {
    return ApiServer.INSIDER.equals(userAgent) ? 0 : refused(pathAndQuery);
  }

  private int refused(String pathAndQuery) {
    for (Refusal refusal : refusals) {
      if (refusal.isFor(pathAndQuery)) {
        return refusal.status();
      }
    }
    return 0;
  }

  /** Takes down what is asked for, unless it is the test itself that asks. */
  void note(String method, String pathAndQuery, @Nullable String userAgent) {
    if (!ApiServer.INSIDER.equals(userAgent)) {
      askedFor.addAll(AskedFor.of(method, pathAndQuery).stream().toList());
    }
  }

  static boolean isWatch(String pathAndQuery) {
    return pathAndQuery.contains("watch=true");
  }
}
