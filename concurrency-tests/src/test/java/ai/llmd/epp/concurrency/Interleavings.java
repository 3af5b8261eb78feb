package ai.llmd.epp.concurrency;

import org.jetbrains.lincheck.Lincheck;
import org.jspecify.annotations.Nullable;

/**
 * Runs a scenario again and again, each time with its threads switched at other steps, and fails
 * with the order of steps that broke it. Steps are seen by all threads in one order, so what only a
 * weaker memory order would break is not found.
 */
public final class Interleavings {

  /** {@code -Dconcurrency=long} for a nightly run, or for whoever changes the code under test. */
  private static final int RUNS = "long".equals(System.getProperty("concurrency")) ? 20_000 : 400;

  @SuppressWarnings("UnusedVariable") // to be stored is all it is for
  private static @Nullable Object shared;

  private Interleavings() {}

  /**
   * Runs a scenario in many orders of its steps.
   *
   * @param scenario builds what it tests, runs it with {@link #together}, and throws when something
   *     is wrong
   */
  public static void explore(Runnable scenario) {
    Lincheck.runConcurrentTest(RUNS, scenario);
  }

  /**
   * Marks what the actors have in common. The model checker takes an object that it knows of from
   * lambdas only for one thread's own, and would not switch threads there.
   */
  public static <T> T shared(T object) {
    shared = object;
    return object;
  }

  /**
   * Runs the actors at once, each on a thread of its own, and returns when all have ended; throws
   * what one of them threw.
   */
  public static void together(Runnable... actors) {
    Actor[] running = new Actor[actors.length]; // the model checker does not follow streams
    Thread[] threads = new Thread[actors.length];
    for (int i = 0; i < actors.length; i++) {
      running[i] = new Actor(actors[i]);
      threads[i] = new Thread(running[i]);
    }
    shared(running);
    for (Thread thread : threads) {
      thread.start();
    }
    for (int i = 0; i < actors.length; i++) {
      join(threads[i]);
      if (running[i].failure != null) {
        throw new IllegalStateException(running[i].failure.getMessage());
      }
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Actor implements Runnable {
    private final Runnable work;
    private @Nullable RuntimeException failure;

    Actor(Runnable work) {
      this.work = work;
    }

    @Override
    public void run() {
      try {
        work.run();
      } catch (RuntimeException e) {
        failure = e;
      }
    }
  }

  /** Not an assertion library: its own steps would be explored, too. */
  public static void require(boolean isTrue, String claim) {
    if (!isTrue) {
      throw new IllegalStateException("not true: " + claim);
    }
  }
}
