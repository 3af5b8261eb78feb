package ai.llmd.epp.application.waiting;

import java.time.Duration;

/**
 * When a step is not waited for any more.
 *
 * @param afterSpentBudgets so many of its calls in a row that spent their whole budget, 1 or more
 * @param pause until one call is let through again to see, more than 0
 */
public record Breaking(int afterSpentBudgets, Duration pause) {

  /** Five in a row, and a look every five seconds. */
  public static final Breaking DEFAULT = new Breaking(5, Duration.ofSeconds(5));

  public Breaking {
    if (afterSpentBudgets < 1) {
      throw new IllegalArgumentException(
          "afterSpentBudgets must be 1 or more, was " + afterSpentBudgets);
    }
    if (!pause.isPositive()) {
      throw new IllegalArgumentException("pause must be more than 0, was " + pause);
    }
  }
}
