package ai.llmd.epp.adapter.k8s;

import java.util.function.LongSupplier;

/**
 * How well one kind of object is known.
 *
 * @param kind plural name
 * @param isUpToDate the API server answers and tells of changes
 * @param syncAgeSeconds for how long changes may have been missed; 0 while it is up to date
 * @param lastEventAgeSeconds since something changed, or was listed anew
 * @param events since the start
 */
public record WatchStatus(
    String kind,
    boolean isUpToDate,
    double syncAgeSeconds,
    double lastEventAgeSeconds,
    long events) {

  private static final double NANOS = 1e9;

  static WatchStatus of(Mirror<?> mirror, ApiServerContact contact, LongSupplier nanoClock) {
    long now = nanoClock.getAsLong();
    boolean isUpToDate = contact.isReachable() && mirror.isWatching();
    long knownUntil = mirror.isSynced() ? contact.lastAnswerNanos() : mirror.lastEventNanos();
    return new WatchStatus(
        mirror.kind(),
        isUpToDate,
        isUpToDate ? 0 : (now - knownUntil) / NANOS,
        (now - mirror.lastEventNanos()) / NANOS,
        mirror.events());
  }
}
