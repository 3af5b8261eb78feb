package ai.llmd.epp.bootstrap;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Waits for SIGTERM or SIGINT. The first lets the program stop in order, a second ends it at once
 * with status 1.
 */
final class StopSignals {

  private static final int IMPATIENT = 1;

  private final CountDownLatch first = new CountDownLatch(1);
  private final AtomicBoolean seen = new AtomicBoolean();

  private StopSignals() {}

  static StopSignals catchThem() {
    StopSignals signals = new StopSignals();
    for (String name : new String[] {"TERM", "INT"}) {
      sun.misc.Signal.handle(new sun.misc.Signal(name), signal -> signals.received());
    }
    return signals;
  }

  private void received() {
    if (seen.compareAndSet(false, true)) {
      first.countDown();
    } else {
      Runtime.getRuntime().halt(IMPATIENT);
    }
  }

  /** The same as a first signal, for a reason of our own. */
  void stop() {
    first.countDown();
  }

  void await() throws InterruptedException {
    first.await();
  }
}
