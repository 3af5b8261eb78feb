package ai.llmd.epp.bootstrap;

import ai.llmd.epp.application.degradation.DegradationLadder;
import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.application.threads.ThreadGuard;
import java.time.Duration;

/** Looks every second which steps of degradation are in force, until it is closed. */
record LadderWatch(Thread thread) implements AutoCloseable {

  private static final String THREAD = "degradation-watch";
  private static final Duration PERIOD = Duration.ofSeconds(1);

  static LadderWatch begin(DegradationLadder ladder, ThreadObserver threads) {
    ThreadGuard guard = new ThreadGuard(THREAD, threads);
    return new LadderWatch(Thread.ofVirtual().name(THREAD).start(() -> watch(ladder, guard)));
  }

  private static void watch(DegradationLadder ladder, ThreadGuard guard) {
    guard.begin();
    try {
      while (true) {
        Thread.sleep(PERIOD);
        guard.attempt(ladder::look);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join();
  }
}
