package ai.llmd.epp.application;

import ai.llmd.epp.application.waiting.Budget;
import ai.llmd.epp.application.waiting.QueuePlace;
import ai.llmd.epp.application.waiting.Wait;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.Eviction;
import ai.llmd.epp.domain.routing.FlowEvidence;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

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
   * @param budget when the request came, and when it is given up
   */
  Outcome admit(
      InferenceRequest request, Facts facts, Candidates candidates, Budget budget, long nowNanos);

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
   * @param retryAfterSeconds when another attempt may succeed; 0 if that is not known
   */
  record Refused(Reason reason, String detail, int retryAfterSeconds) implements Settled {

    /** A refusal that does not know when another attempt may succeed. */
    public Refused(Reason reason, String detail) {
      this(reason, detail, 0);
    }
  }

  /**
   * The request waits.
   *
   * @param rest returns what became of it; interrupted when the request is not wanted any more, and
   *     then gives its place up
   * @param budget how long to wait at most, more than 0; the request's own budget may be shorter
   */
  record Later(Wait<Settled> rest, Duration budget) implements Outcome {}

  /**
   * The request is to be queued: it waits as long as the queue allows, without a budget and without
   * a thread, and the time does not count as waiting for its decision.
   *
   * @param place given up when the request is not wanted any more
   * @param rest returns what became of it, at once, when the place is over; called then, whatever
   *     became of it. Throws {@link InterruptedException} when it was given up. May put facts about
   *     the request
   */
  record Queued(QueuePlace place, Wait<Settled> rest) implements Outcome {}

  /** What the evidence of a decision shows of the admission; null for nothing. */
  default @Nullable FlowEvidence evidence(Facts facts) {
    return null;
  }

  /** What ends the request after it was routed; null when nothing does. */
  default @Nullable Eviction eviction(Facts facts) {
    return null;
  }

  /** The request is decided, whatever the decision, or given up. Once for each request. */
  default void decided(Facts facts) {}
}
