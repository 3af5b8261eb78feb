package ai.llmd.epp.domain.prefix;

import ai.llmd.epp.domain.facts.TokenizedPrompt;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Cuts prompts into blocks of tokens and hashes them in chains, so that a hash stands for its block
 * and everything before it.
 *
 * <pre>
 *   seed    = H(model ‖ cache salt)
 *   content = H(tokens of the block, four little-endian bytes each)
 *   hash    = H(content ‖ hash of the block before, or seed)
 * </pre>
 *
 * <p>H is {@link XxHash64}, seeded with the secret. Without a secret the values are those of the
 * reference. Model and salt are joined without a separator, as there: model {@code a} with salt
 * {@code bc} shares its blocks with model {@code ab} and salt {@code c}.
 */
public final class BlockHasher {

  private BlockHasher() {}

  /**
   * Hashes every prompt straight from its token stream. The last block of a prompt may be shorter;
   * prompts without a token yield no chain. Any thread.
   *
   * @param model seeds the chains together with the prompt's cache salt
   * @param blockTokens tokens of one block; 0 or less yields no blocks
   * @param maxBlocks most blocks of one prompt; 0 yields none
   * @param secret keys the hashes, so that they say nothing about a prompt to others; 0 for none
   */
  public static PrefixBlocks hash(
      TokenizedPrompt prompt, String model, int blockTokens, int maxBlocks, long secret) {
    int[] blocks = new int[prompt.prompts()];
    int chains = 0;
    int total = 0;
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = blocksOf(prompt.tokens(i), blockTokens, maxBlocks);
      chains += blocks[i] > 0 ? 1 : 0;
      total = Math.addExact(total, blocks[i]);
    }
    if (total == 0) {
      return new PrefixBlocks(new long[0], new int[0], blockTokens);
    }
    long[] hashes = new long[total];
    int[] ends = new int[chains];
    var chain = new BlockChain(hashes, (long) Integer.BYTES * blockTokens, secret);
    long seed = seed(model, prompt.cacheSalt(), secret);
    for (int i = 0, next = 0; i < blocks.length; i++) {
      if (blocks[i] > 0) {
        chain.begin(seed, blocks[i]);
        prompt.writeTokens(i, chain);
        ends[next++] = chain.finish();
      }
    }
    return new PrefixBlocks(hashes, ends, blockTokens);
  }

  private static int blocksOf(int tokens, int blockTokens, int maxBlocks) {
    if (tokens <= 0 || blockTokens <= 0 || maxBlocks <= 0) {
      return 0;
    }
    return Math.min(maxBlocks, (tokens - 1) / blockTokens + 1);
  }

  private static long seed(String model, String salt, long secret) {
    byte[] modelBytes = model.getBytes(StandardCharsets.UTF_8);
    byte[] saltBytes = salt.getBytes(StandardCharsets.UTF_8);
    byte[] joined = Arrays.copyOf(modelBytes, modelBytes.length + saltBytes.length);
    System.arraycopy(saltBytes, 0, joined, modelBytes.length, saltBytes.length);
    return XxHash64.hash(joined, 0, joined.length, secret);
  }
}
