package ai.llmd.epp.application.threads;

import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.domain.calls.NonFatal;
import java.util.function.Consumer;

/**
 * Keeps a thread running that is to run as long as the program: a round of its work that throws is
 * logged and counted, and the next one comes. Whoever loops pauses after a failed round, lest it
 * fails as fast as it can. Any thread.
 */
public final class ThreadGuard {

  private final String thread;
  private final ThreadObserver observer;

  /**
   * @param thread its name, for logs and metrics
   */
  public ThreadGuard(String thread, ThreadObserver observer) {
    this.thread = thread;
    this.observer = observer;
  }

  /** The calling thread is the one guarded: shown as alive from now on, until it ends. */
  public void begin() {
    quietly(() -> observer.started(Thread.currentThread()));
  }

  /**
   * Runs a round.
   *
   * @return false when it failed
   * @throws VirtualMachineError if the program is not to survive it, see {@link NonFatal}
   */
  public boolean attempt(Runnable round) {
    return attempt(round, failure -> {});
  }

  /**
   * As {@link #attempt(Runnable)}.
   *
   * @param failed is given what the round threw, and may fail itself
   */
  public boolean attempt(Runnable round, Consumer<RuntimeException> failed) {
    try {
      round.run();
      return true;
    } catch (Throwable thrown) {
      RuntimeException failure = NonFatal.orThrow(thrown);
      report(failure);
      quietly(() -> failed.accept(failure));
      return false;
    }
  }

  /** Logs and counts a failure that was caught elsewhere. */
  public void report(RuntimeException failure) {
    quietly(() -> observer.failed(thread, failure));
  }

  /** What reports failures must not end the thread either. */
  private static void quietly(Runnable reporting) {
    try {
      reporting.run();
    } catch (Throwable thrown) {
      RuntimeException _ = NonFatal.orThrow(thrown); // reporting it would fail as well
    }
  }
}
