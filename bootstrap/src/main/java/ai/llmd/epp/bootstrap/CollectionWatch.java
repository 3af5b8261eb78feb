package ai.llmd.epp.bootstrap;

import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.application.threads.ThreadGuard;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the program when it does nothing but collect garbage: a full heap need not end in an {@code
 * OutOfMemoryError}, and the JVM's own limit on collections does not see it with these flags. It
 * neither serves nor exits then, and whoever watches it from outside would see a process that
 * lives.
 */
final class CollectionWatch {

  /** A share of collections in this time, in each of several rounds. */
  static final Duration ROUND = Duration.ofSeconds(5);

  private static final double MAX_SHARE = 0.8;
  private static final int MAX_ROUNDS = 4;

  /** As {@code -XX:+ExitOnOutOfMemoryError} ends it. */
  private static final int OUT_OF_MEMORY = 3;

  private static final Logger log = LoggerFactory.getLogger(CollectionWatch.class);

  private final LongSupplier collectingMillis;
  private final Runnable end;
  private long beforeMillis;
  private int rounds;

  /**
   * @param collectingMillis time spent in collections since the start
   * @param end called when it was too much for too long
   */
  CollectionWatch(LongSupplier collectingMillis, Runnable end) {
    this.collectingMillis = collectingMillis;
    this.end = end;
    this.beforeMillis = collectingMillis.getAsLong();
  }

  /** Watches this process on a thread of its own, until it is closed. */
  static AutoCloseable begin(ThreadObserver threads) {
    CollectionWatch watch =
        new CollectionWatch(CollectionWatch::collectingMillis, CollectionWatch::halt);
    ThreadGuard guard = new ThreadGuard("collection-watch", threads);
    return Thread.ofPlatform().name("collection-watch").daemon().start(() -> watch.run(guard))
        ::interrupt;
  }

  private void run(ThreadGuard guard) {
    guard.begin();
    while (true) {
      long startedAt = System.nanoTime();
      try {
        Thread.sleep(ROUND);
      } catch (InterruptedException e) {
        return;
      }
      guard.attempt(() -> look(Duration.ofNanos(System.nanoTime() - startedAt)));
    }
  }

  /** Looks what share of the time since the last look was spent in collections. */
  void look(Duration sinceLast) {
    long nowMillis = collectingMillis.getAsLong();
    double share = (nowMillis - beforeMillis) / (double) Math.max(1, sinceLast.toMillis());
    beforeMillis = nowMillis;
    rounds = share >= MAX_SHARE ? rounds + 1 : 0;
    if (rounds == MAX_ROUNDS) {
      end.run();
    }
  }

  private static long collectingMillis() {
    long millis = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      millis += Math.max(0, collector.getCollectionTime());
    }
    return millis;
  }

  private static void halt() {
    log.atError().log("the heap is full: the program does nothing but collect, and ends");
    Runtime.getRuntime().halt(OUT_OF_MEMORY);
  }
}
