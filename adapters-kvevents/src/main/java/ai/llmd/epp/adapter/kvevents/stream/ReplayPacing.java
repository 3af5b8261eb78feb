package ai.llmd.epp.adapter.kvevents.stream;

/**
 * When a stream may be replayed: not for a while after a replay failed, and not for every gap of a
 * publisher whose numbers jump, as each replay takes a connection. One thread.
 */
final class ReplayPacing {

  /** Replays within a time; beyond it they wait for the cooldown. */
  static final int MAX_QUICK = 32;

  private static final long QUICK_NANOS = 10_000_000_000L;
  private static final long COOLDOWN_NANOS = 30_000_000_000L;

  private long cooldownUntil;
  private boolean hasCooldown;
  private int quick;
  private long quickSince;

  boolean isAllowed(long now) {
    return !hasCooldown || now - cooldownUntil >= 0;
  }

  /** Counts a replay; false when there were too many lately, which begins the cooldown. */
  boolean take(long now) {
    if (quick == 0 || now - quickSince >= QUICK_NANOS) {
      quick = 0;
      quickSince = now;
    }
    if (quick == MAX_QUICK) {
      coolDown(now);
      return false;
    }
    quick++;
    return true;
  }

  void coolDown(long now) {
    hasCooldown = true;
    cooldownUntil = now + COOLDOWN_NANOS;
  }

  void endCooldown() {
    hasCooldown = false;
  }
}
