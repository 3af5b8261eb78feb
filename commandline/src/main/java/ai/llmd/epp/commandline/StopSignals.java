package ai.llmd.epp.commandline;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Waits for SIGTERM or SIGINT. The first lets the program stop in order, a second ends it at once
 * with status 1. Any thread.
 */
public final class StopSignals {

  private static final int IMPATIENT = 1;

  private final CountDownLatch first = new CountDownLatch(1);
  private final AtomicBoolean seen = new AtomicBoolean();

  private StopSignals() {}

  /** Takes both signals from now on, instead of what the JVM does on them. */
  public static StopSignals catchThem() {
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

  /** The same as a first signal, for a reason of the program's own. */
  public void stop() {
    first.countDown();
  }

  /** Returns once the program was asked to stop. */
  public void await() throws InterruptedException {
    first.await();
  }
}
