package ai.llmd.epp.simulator.engine;

/** Decides when running sequences get their tokens. */
interface Pace {

  /** The sequence just started to run. Emits nothing within this call. */
  void started(Sequence sequence);

  /** The sequence does not run any more; it may be unknown here. */
  void ended(Sequence sequence);

  /** The engine, as a pace sees it. */
  interface Batch {

    /** Sequences that run now. */
    int running();

    /**
     * Gives the sequence its next token, and ends it after the last.
     *
     * @return whether it still runs
     */
    boolean emit(Sequence sequence);
  }
}
