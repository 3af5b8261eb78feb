package ai.llmd.epp.application.waiting;

import java.util.concurrent.CountDownLatch;

/**
 * A place in a queue. Unlike a {@link Wait} it takes no thread, since many may wait long. Any
 * thread.
 */
public interface QueuePlace {

  /**
   * Takes the place; called once. On a virtual thread: it may wait for a lock, for a moment.
   *
   * @param whenOver run exactly once, as soon as it is known what became of the place; by any
   *     thread, which may be this one, and may hold locks: it does no more than to start a thread
   */
  void take(Runnable whenOver);

  /**
   * Gives the place up: it is over, or will be as soon as it is taken. Nothing happens when it is
   * over already. On a virtual thread, too.
   */
  void giveUp();

  /**
   * Takes the place, and waits on this very thread until it is over. An interrupt gives it up, and
   * is left for what follows.
   */
  default void await() {
    CountDownLatch over = new CountDownLatch(1);
    take(over::countDown);
    boolean isInterrupted = false;
    while (true) {
      try {
        over.await();
        break;
      } catch (InterruptedException e) {
        isInterrupted = true;
        giveUp();
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
