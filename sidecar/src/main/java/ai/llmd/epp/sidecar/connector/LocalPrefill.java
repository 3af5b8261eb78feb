package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.leg.Answer;
import ai.llmd.epp.sidecar.leg.Legs;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Has prompts computed in the pod when the prefill server does not do its part. Off, as in the
 * reference, unless it is said how long that server may take. Any thread.
 */
final class LocalPrefill {

  /** Why a prompt is computed in the pod. */
  enum Reason {
    /** There is no connection, or it broke. */
    UNREACHABLE,
    /** There is no answer in time. */
    TIMEOUT,
    /** It answered an error of its own, or what cannot be read. */
    ERROR;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Duration longest;
  private final Consumer<String> observer;

  /**
   * With a budget.
   *
   * @param longest that a prefill server may take for a prompt, retries included; 0 for off
   * @param observer gets a label for each prompt that is computed in the pod; any thread
   */
  LocalPrefill(Duration longest, Consumer<String> observer) {
    this.longest = longest;
    this.observer = observer;
  }

  /** Begins with a call. */
  Budget begin() {
    return new Budget(System.nanoTime() + longest.toNanos());
  }

  /** What one call has left of it. */
  final class Budget {

    private final long endNanos;
    private Reason reason = Reason.ERROR;

    private Budget(long endNanos) {
      this.endNanos = endNanos;
    }

    /**
     * Waits for an answer, no longer than what is left; when it is off, for as long as it takes.
     */
    Answer await(CompletableFuture<Answer> asked) throws LegFailure, InterruptedException {
      return isOn() ? await(asked, longest) : Legs.await(asked);
    }

    /** Waits for an answer, no longer than this and what is left. */
    Answer await(CompletableFuture<Answer> asked, Duration most)
        throws LegFailure, InterruptedException {
      reason = Reason.ERROR;
      Duration left = most;
      if (isOn()) {
        long leftNanos = Math.max(0, endNanos - System.nanoTime());
        left = Duration.ofNanos(Math.min(leftNanos, most.toNanos()));
      }
      try {
        return Legs.await(asked, left);
      } catch (LegFailure failure) {
        reason = isSpent() ? Reason.TIMEOUT : Reason.UNREACHABLE;
        throw failure;
      }
    }

    /** Whether nothing is left. */
    boolean isSpent() {
      return isOn() && System.nanoTime() - endNanos >= 0;
    }

    /** Whether the prompt is to be computed in the pod after this answer; counts it then. */
    boolean isLocalAfter(Answer answer) {
      return answer.status() >= 500 && isLocal();
    }

    /** Whether it is after an answer that is of no use; counts it then. */
    boolean isLocal() {
      if (isOn()) {
        observer.accept(reason.label());
      }
      return isOn();
    }
  }

  /** Whether prompts may be computed in the pod. */
  boolean isOn() {
    return longest.isPositive();
  }
}
