package ai.llmd.epp.application;

import ai.llmd.epp.application.waiting.Wait;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import java.time.Duration;

/**
 * Lets a request in, refuses it, or has it wait for its turn. One that throws or spends its budget
 * lets the request in.
 */
@FunctionalInterface
public interface Admission {

  /**
   * Decides at once whether the request may go on. Any thread, which may be an event loop; blocks
   * on nothing: what has to wait is returned as {@link Later}.
   *
   * @param candidates every endpoint that may serve the request now; maybe none
   */
  Outcome admit(InferenceRequest request, Facts facts, Candidates candidates, long nowNanos);

  /** What became of a request at the door. */
  sealed interface Outcome {}

  /** An outcome that is final. */
  sealed interface Settled extends Outcome {}

  /** The request goes on. */
  record Admitted() implements Settled {

    /** The only one there need be. */
    public static final Admitted INSTANCE = new Admitted();
  }

  /**
   * The request ends here.
   *
   * @param detail a sentence for client and operator, without anything of the prompt
   */
  record Refused(Reason reason, String detail) implements Settled {}

  /**
   * The request waits.
   *
   * @param rest returns what became of it; interrupted when the request is not wanted any more, and
   *     then gives its place up
   * @param budget how long to wait at most, more than 0; the request's own budget may be shorter
   */
  record Later(Wait<Settled> rest, Duration budget) implements Outcome {}
}
