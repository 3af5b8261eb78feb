package ai.llmd.epp.application.port.out.kvcache;

/**
 * How what was predicted of an endpoint's cache compares with what the endpoint reported itself.
 *
 * @param agreed responses whose cached tokens were as predicted, within a block
 * @param fewer responses with fewer cached tokens than predicted
 * @param more responses with more cached tokens than predicted
 * @param otherTokens responses whose prompt had another number of tokens than was counted here;
 *     they are in none of the others
 * @param isTrusted whether the predictions are followed
 * @param cause what most of the latest responses suggest
 */
public record KvCacheTruth(
    long agreed, long fewer, long more, long otherTokens, boolean isTrusted, Cause cause) {

  /** What disagreement suggests. Metrics have the names in lower case. */
  public enum Cause {
    /** Most agree, or too few were compared. */
    NONE,
    /** Prompts that a chat template made have other tokens: it differs from the renderer's. */
    TEMPLATE,
    /** Prompts without a template have other tokens, too: the tokenizer differs. */
    TOKENS,
    /** The engine's blocks are shorter than those that are looked for, or no multiple of them. */
    BLOCK_SIZE,
    /** What is announced is never matched: the model's or adapter's name in events. */
    HASHES,
    /** Removals got lost, or the engine began again unnoticed. */
    STALE,
    /** Blocks are missing here that the engine has: events got lost. */
    INCOMPLETE
  }
}
