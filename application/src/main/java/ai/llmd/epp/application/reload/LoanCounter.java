package ai.llmd.epp.application.reload;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts who uses one generation of what serves. Any thread; takes nanoseconds. */
public final class LoanCounter {

  private final AtomicInteger loans = new AtomicInteger();
  private volatile @Nullable Runnable drained; // null while in force

  /** Counts a user in. Only {@link InForce} knows whether it may begin. */
  void lend() {
    loans.incrementAndGet();
  }

  /** Counts a user out; once for each loan. */
  public void giveBack() {
    if (loans.decrementAndGet() > 0) {
      return;
    }
    Runnable listener = drained;
    if (listener != null) {
      listener.run();
    }
  }

  /** Whether the generation is unused; final once it is retired. */
  public boolean isDrained() {
    return loans.get() == 0;
  }

  /**
   * Nothing begins here any more. What is drained already is not reported, so look once more after
   * the call.
   *
   * @param listener called whenever the last user has given back, on that user's thread
   */
  public void retire(Runnable listener) {
    drained = listener;
  }
}
