package ai.llmd.epp.concurrency;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs on plain threads what the model checker cannot: code with a thread of its own. */
public final class Threads implements AutoCloseable {

  private static final int ROUNDS =
      "long".equals(System.getProperty("concurrency")) ? 100_000 : 500;

  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** What is tried in one round. */
  public interface Round {

    /** Builds what it tests, runs it on the threads, and throws when something is wrong. */
    void run(Threads threads) throws Exception;
  }

  /** Runs many rounds on the same threads. */
  public static void repeat(Round round) throws Exception {
    try (var threads = new Threads()) {
      for (int i = 0; i < ROUNDS; i++) {
        round.run(threads);
      }
    }
  }

  /** Lets the actors go at once, and returns when all have ended. */
  public void together(List<Runnable> actors) throws Exception {
    var start = new CyclicBarrier(actors.size());
    List<Future<?>> ends = new ArrayList<>();
    for (Runnable actor : actors) {
      Callable<Void> late =
          () -> {
            start.await();
            actor.run();
            return null;
          };
      ends.add(threads.submit(late));
    }
    for (Future<?> end : ends) {
      end.get();
    }
  }

  @Override
  public void close() {
    threads.close();
  }
}
