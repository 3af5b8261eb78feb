package ai.llmd.epp.application.port.out;

/**
 * Observes the threads that are to run as long as the program, to log and to count what they
 * survive. Any thread; never blocks.
 */
public interface ThreadObserver {

  /** Observes nothing. */
  ThreadObserver NONE =
      new ThreadObserver() {
        @Override
        public void started(Thread thread) {}

        @Override
        public void failed(String thread, RuntimeException failure) {}
      };

  /** A thread begins to run; its name tells which one it is. */
  void started(Thread thread);

  /**
   * A round of a thread failed; the next one comes nevertheless.
   *
   * @param thread its name
   * @param failure see {@code NonFatal.origin}
   */
  void failed(String thread, RuntimeException failure);
}
