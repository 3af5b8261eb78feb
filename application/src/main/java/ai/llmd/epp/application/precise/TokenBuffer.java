package ai.llmd.epp.application.precise;

import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.request.ByteSink;
import java.util.Arrays;

/** Collects the tokens of a prompt, used again and again. One thread. */
final class TokenBuffer implements ByteSink {

  /** Room that is kept: longer prompts are rare. */
  private static final int MAX_KEPT = 1 << 18;

  private int[] tokens = new int[4096];
  private int length;
  private int odd; // bytes of the next token
  private int part;

  /** Tokens of one prompt, from index 0; in use until the next call. */
  int[] read(TokenizedPrompt prompt, int index) {
    int count = prompt.tokens(index);
    if (count > tokens.length || (tokens.length > MAX_KEPT && count <= MAX_KEPT)) {
      tokens = new int[Math.max(count, Math.min(MAX_KEPT, 2 * count))];
    }
    length = 0;
    odd = 0;
    part = 0;
    prompt.writeTokens(index, this);
    Arrays.fill(tokens, Math.min(length, count), count, 0);
    return tokens;
  }

  @Override
  public void write(byte[] bytes, int offset, int count) {
    for (int i = offset; i < offset + count && length < tokens.length; i++) {
      part |= (bytes[i] & 0xff) << (odd << 3);
      odd++;
      if (odd == Integer.BYTES) {
        tokens[length++] = part;
        odd = 0;
        part = 0;
      }
    }
  }
}
