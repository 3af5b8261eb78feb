package ai.llmd.epp.domain.prefix;

import ai.llmd.epp.domain.facts.TokenizedPrompt;

/** TODO. */
public final class BlockHasher {

  private BlockHasher() {}

  /**
   * Cuts every prompt into blocks and hashes them in chains, straight from the token stream.
   *
   * @param model seeds the chains together with the prompt's cache salt
   * @param blockTokens tokens of one block; 0 or less yields no blocks
   * @param maxBlocks most blocks of one prompt; 0 yields none
   * @param secret keys the hashes, so that they say nothing about a prompt to others; 0 for none
   */
  public static PrefixBlocks hash(
      TokenizedPrompt prompt, String model, int blockTokens, int maxBlocks, long secret) {
    throw new UnsupportedOperationException();
  }
}
