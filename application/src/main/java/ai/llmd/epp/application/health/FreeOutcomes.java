package ai.llmd.epp.application.health;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of one endpoint whose requests are over, to follow the next ones: so a request makes
 * no object. The one that came last is the first to go. Any thread, without a lock but where an
 * outcome is kept for the first time.
 *
 * <p>{@link #top} holds the number of the outcome that is next, and in its upper half how often
 * that changed: another thread that takes two and gives the first one back in between is seen.
 */
final class FreeOutcomes {

  /** Stands for no outcome. */
  static final int NONE = -1;

  /** Of one endpoint; requests beyond that at once are followed by objects of their own. */
  static final int MAX = 1 << 12;

  private static final int FIRST_LENGTH = 8;

  private final AtomicLong top = new AtomicLong(word(0, NONE));

  // elements are written under this object's lock and published by writing the field
  private volatile @Nullable Outcome[] numbered = new Outcome[FIRST_LENGTH];
  private int count; // guarded by this

  /** How often the top has changed, and the outcome that is on it. */
  private static long word(long changes, int number) {
    return (changes << Integer.SIZE) | Integer.toUnsignedLong(number);
  }

  private static long next(long word, int number) {
    return word((word >>> Integer.SIZE) + 1, number);
  }

  /** An outcome that follows no request; null when there is none. */
  @Nullable Outcome take() {
    while (true) {
      long seen = top.get();
      int number = (int) seen;
      if (number == NONE) {
        return null;
      }
      Outcome outcome = numbered[number]; // written before its number was on top
      if (outcome != null && top.compareAndSet(seen, next(seen, outcome.below))) {
        return outcome;
      }
    }
  }

  /** The request of an outcome is over. */
  void give(Outcome outcome) {
    if (outcome.number == NONE && !isKept(outcome)) {
      return;
    }
    while (true) {
      long seen = top.get();
      outcome.below = (int) seen;
      if (top.compareAndSet(seen, next(seen, outcome.number))) {
        return;
      }
    }
  }

  private synchronized boolean isKept(Outcome outcome) {
    if (count == MAX) {
      return false;
    }
    @Nullable Outcome[] current = numbered;
    if (count == current.length) {
      current = Arrays.copyOf(current, 2 * count);
    }
    outcome.number = count;
    current[count++] = outcome;
    numbered = current;
    return true;
  }
}
