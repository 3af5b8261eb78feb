package ai.llmd.epp.application.producer;

import ai.llmd.epp.application.waiting.Wait;
import ai.llmd.epp.domain.facts.Facts;
import java.time.Duration;

/** Whether a producer's facts are there, or have to be waited for. */
public sealed interface Produced {

  /** The facts that there are have been put. */
  Produced NOW = new Now();

  /** See {@link #NOW}. */
  record Now() implements Produced {}

  /**
   * The facts that there are have been put, and are worth less than they should be.
   *
   * @param reason for decision records: holds nothing of the request
   */
  record Partly(String reason) implements Produced {}

  /**
   * The facts come later. Who waits touches no facts but those that it returns, since the request
   * goes on without it when the budget is spent.
   *
   * @param rest returns the facts; interrupted when they are not wanted any more
   * @param budget how long to wait at most, more than 0; the request's own budget may be shorter
   */
  record Later(Wait<Facts> rest, Duration budget) implements Produced {

    /** The budget of a producer that declares none; the reference's. */
    public static final Duration DEFAULT_BUDGET = Duration.ofMillis(400);

    /** With the default budget. */
    public Later(Wait<Facts> rest) {
      this(rest, DEFAULT_BUDGET);
    }
  }
}
