package ai.llmd.epp.domain.flow;

import java.util.Map;

/** What other replicas have queued, by priority, as it was last noted. One thread at a time. */
final class QueuedElsewhere {

  private Map<Integer, QueueLoad> byPriority = Map.of();
  private QueueLoad all = QueueLoad.NONE;
  private long notedAt;

  /** They have this queued now. */
  void note(Map<Integer, QueueLoad> queued, long now) {
    byPriority = Map.copyOf(queued);
    notedAt = now;
    all = QueueLoad.NONE;
    byPriority.values().forEach(load -> all = all.plus(load));
  }

  /** In the band of this priority. */
  QueueLoad band(int priority) {
    return byPriority.getOrDefault(priority, QueueLoad.NONE);
  }

  /** In all bands together. */
  QueueLoad all() {
    return all;
  }

  /** Turns that they give in the band of this priority, with the time since it was noted. */
  double turnsPerSecond(int priority, long now) {
    return rate(band(priority), now);
  }

  /** Turns that they give in all bands together, with the time since it was noted. */
  double turnsPerSecond(long now) {
    return rate(all, now);
  }

  private double rate(QueueLoad load, long now) {
    return load.after(Math.max(0, now - notedAt)).turnsPerSecond();
  }
}
