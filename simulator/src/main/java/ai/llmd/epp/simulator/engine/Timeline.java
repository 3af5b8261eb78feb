package ai.llmd.epp.simulator.engine;

/**
 * Time as an engine sees it: a clock and alarms, both on the engine's own thread.
 *
 * <p>Behind it is an event loop in a server and a simulated clock in a test.
 */
public interface Timeline {

  /** Nanoseconds since an arbitrary origin; never decreases. */
  long nanoTime();

  /**
   * Runs a task once, later and never within this call.
   *
   * @param delayNanos 0 or more
   */
  Alarm after(long delayNanos, Runnable task);

  /** A task that has not run yet. */
  interface Alarm {

    /** Makes sure that the task does not run; nothing happens when it already did. */
    void cancel();
  }
}
