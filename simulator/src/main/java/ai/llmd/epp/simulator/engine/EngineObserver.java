package ai.llmd.epp.simulator.engine;

/** Counts and times what an engine does. Called on the engine's thread. */
public interface EngineObserver {

  /** The sequence left the queue and runs. */
  void started(Sequence sequence);

  /**
   * The sequence got a token.
   *
   * @param sincePreviousNanos time since its previous token, or since its arrival for the first
   */
  void token(Sequence sequence, long sincePreviousNanos);

  /** The sequence ran and ended, complete or not. */
  void ended(Sequence sequence, FinishReason reason);
}
