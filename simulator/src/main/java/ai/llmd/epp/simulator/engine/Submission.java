package ai.llmd.epp.simulator.engine;

/** What became of a job that was submitted. */
public sealed interface Submission {

  /** It waits or runs. */
  record Accepted(Sequence sequence) implements Submission {}

  /** It was not taken, and nothing changed. */
  enum Refusal implements Submission {
    /** As many wait as may wait. */
    QUEUE_FULL,
    /** The prompt needs more blocks than the whole cache has. */
    EXCEEDS_CACHE
  }
}
