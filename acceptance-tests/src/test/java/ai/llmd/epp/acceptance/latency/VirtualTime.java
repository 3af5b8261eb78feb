package ai.llmd.epp.acceptance.latency;

import ai.llmd.epp.simulator.engine.Timeline;
import java.util.PriorityQueue;

/** A clock that jumps from alarm to alarm; equal times keep their order. One thread. */
final class VirtualTime implements Timeline {

  private record Entry(long atNanos, long order, Runnable task) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final PriorityQueue<Entry> alarms = new PriorityQueue<>();
  private long nowNanos;
  private long orders;

  @Override
  public long nanoTime() {
    return nowNanos;
  }

  @Override
  public Alarm after(long delayNanos, Runnable task) {
    Entry entry = new Entry(nowNanos + delayNanos, orders++, task);
    alarms.add(entry);
    return () -> alarms.remove(entry);
  }

  /** Until this time. */
  void runUntil(long endNanos) {
    while (!alarms.isEmpty() && alarms.peek().atNanos() <= endNanos) {
      Entry next = alarms.remove();
      nowNanos = next.atNanos();
      next.task().run();
    }
    nowNanos = endNanos;
  }
}
