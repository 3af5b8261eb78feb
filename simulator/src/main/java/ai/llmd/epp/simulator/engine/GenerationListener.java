package ai.llmd.epp.simulator.engine;

/**
 * Whoever wants the output of one sequence. Called on the engine's thread, in the order of the
 * methods, and never from within {@link Engine#submit}.
 */
public interface GenerationListener {

  /** One more token of the job's output exists. May abort the sequence. */
  void token();

  /** The last call, except after {@link Engine#abort}. */
  void finished(FinishReason reason, int cachedTokens);
}
