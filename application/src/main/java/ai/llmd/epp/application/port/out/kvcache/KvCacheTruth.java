package ai.llmd.epp.application.port.out.kvcache;

/**
 * How what was predicted of an endpoint's cache compares with what the endpoint reported itself.
 *
 * @param agreed responses whose cached tokens were as predicted, within a block
 * @param fewer responses with fewer cached tokens than predicted
 * @param more responses with more cached tokens than predicted
 * @param otherTokens responses whose prompt had another number of tokens than was counted here;
 *     they are in none of the others
 * @param cause what most of the latest responses suggest
 */
public record KvCacheTruth(long agreed, long fewer, long more, long otherTokens, Cause cause) {

  /** What disagreement suggests. Metrics have the names in lower case. */
  public enum Cause {
    /** Most agree, or too few were compared. */
    NONE,
    /** The engine's tokenizer or chat template differs from the renderer's. */
    TOKENS,
    /** What is announced is never matched: block size, model or adapter name in events. */
    HASHES,
    /** Removals got lost, or the engine began again unnoticed. */
    STALE,
    /** Blocks are missing here that the engine has: events got lost. */
    INCOMPLETE
  }
}
