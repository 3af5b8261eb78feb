package ai.llmd.epp.simulator.engine;

import java.util.PriorityQueue;

/**
 * A clock that jumps from alarm to alarm, for engines that are to be run through hours in seconds;
 * alarms of one time keep their order. One thread.
 */
public final class SimulatedTime implements Timeline {

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

  /** Until no alarm is left. */
  public void run() {
    runFor(Long.MAX_VALUE - nowNanos);
  }

  /** As long as this by its own time. */
  public void runFor(long nanos) {
    long endNanos = nowNanos + nanos;
    while (!alarms.isEmpty() && alarms.peek().atNanos() <= endNanos) {
      Entry next = alarms.remove();
      nowNanos = next.atNanos();
      next.task().run();
    }
    if (endNanos != Long.MAX_VALUE) {
      nowNanos = endNanos;
    }
  }
}
