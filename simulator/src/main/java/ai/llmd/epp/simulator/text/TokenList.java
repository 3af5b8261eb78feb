package ai.llmd.epp.simulator.text;

import java.util.Arrays;

/** A growing list of token ids; each is an unsigned 32-bit number. */
public final class TokenList {

  private int[] tokens = new int[64];
  private int size;

  public void add(int token) {
    if (size == tokens.length) {
      tokens = Arrays.copyOf(tokens, size + (size >> 1));
    }
    tokens[size++] = token;
  }

  public void addAll(TokenList other) {
    if (size + other.size > tokens.length) {
      tokens = Arrays.copyOf(tokens, size + Math.max(other.size, size >> 1));
    }
    System.arraycopy(other.tokens, 0, tokens, size, other.size);
    size += other.size;
  }

  public int size() {
    return size;
  }

  /** A copy. */
  public int[] toArray() {
    return Arrays.copyOf(tokens, size);
  }
}
