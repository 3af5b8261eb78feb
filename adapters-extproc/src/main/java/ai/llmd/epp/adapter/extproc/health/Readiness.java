package ai.llmd.epp.adapter.extproc.health;

/** What the health service asks about the program. Any thread, cheap. */
public interface Readiness {

  /** The pool's first list of endpoints is known. */
  boolean isPoolSynced();

  /** Every parser supports the pool's application protocol; true while the pool is not synced. */
  boolean isProtocolOk();

  /** Every plugin that reports readiness is ready. */
  boolean arePluginsReady();

  /** Whether one replica at a time serves. */
  boolean electsLeader();

  /** Whether this replica is the one; of no meaning without election. */
  boolean isLeader();

  /** The program is about to stop. */
  boolean isDraining();
}
