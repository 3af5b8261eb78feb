package ai.llmd.epp.application.waiting;

import ai.llmd.epp.domain.calls.WithoutResultException;
import java.time.Duration;

/** A step had to be skipped, since its result did not come within its budget. */
public final class BudgetSpentException extends WithoutResultException {

  private static final long serialVersionUID = 1L;

  BudgetSpentException(long nanos) {
    super("spent its budget of %d ms".formatted(Duration.ofNanos(nanos).toMillis()));
  }
}
