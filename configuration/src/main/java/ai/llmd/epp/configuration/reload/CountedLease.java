package ai.llmd.epp.configuration.reload;

import ai.llmd.epp.application.port.in.PartsLease;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one generation, and how many streams use them. All of its streams share this one
 * object. Any thread; takes nanoseconds.
 */
final class CountedLease<P> implements PartsLease<P> {

  private final P parts;
  private final AtomicInteger users = new AtomicInteger();
  private volatile @Nullable Runnable drained; // null while in force

  CountedLease(P parts) {
    this.parts = parts;
  }

  @Override
  public P parts() {
    return parts;
  }

  /** Counts a user in. Only {@link InForce} knows whether it may begin. */
  void acquire() {
    users.incrementAndGet();
  }

  @Override
  public void release() {
    if (users.decrementAndGet() > 0) {
      return;
    }
    Runnable listener = drained;
    if (listener != null) {
      listener.run();
    }
  }

  /** Whether no stream uses the parts; final once they are retired. */
  boolean isDrained() {
    return users.get() == 0;
  }

  /**
   * No stream begins with these parts any more. What is drained already is not reported, so look
   * once more after the call.
   *
   * @param listener called whenever the last user has released, on that user's thread
   */
  void retire(Runnable listener) {
    drained = listener;
  }
}
