package ai.llmd.epp.domain.kvcache;

import ai.llmd.epp.domain.prefix.XxHash64;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Computes the keys of prefix blocks from tokens, as the reference does.
 *
 * <pre>
 *   root   = H(H(seed), no tokens, model)
 *   key[i] = H(key[i - 1] or root, tokens of block i, extras of block i)
 * </pre>
 *
 * <p>Only full blocks have a key. The keys are the same for a prompt and for what a model server
 * reports of it, so that neither needs to know the other's own hashes. Immutable; any thread.
 */
public final class KvBlockHasher {

  /** Tokens of a block where nothing else is configured. */
  public static final int DEFAULT_BLOCK_TOKENS = 16;

  private static final byte[] HASH_KEY = {(byte) 0xa1, 0x64, 'H', 'a', 's', 'h'};

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final HashAlgorithm algorithm;
  private final int blockTokens;
  private final long seedHash;

  /**
   * @param seed separates indexes from each other; may be empty
   * @param blockTokens tokens of a block; 0 for the default
   * @throws IllegalArgumentException if {@code blockTokens} is negative
   */
  public KvBlockHasher(HashAlgorithm algorithm, String seed, int blockTokens) {
    if (blockTokens < 0) {
      throw new IllegalArgumentException("must not be negative, was " + blockTokens);
    }
    this.algorithm = algorithm;
    this.blockTokens = blockTokens == 0 ? DEFAULT_BLOCK_TOKENS : blockTokens;
    byte[] utf8 = seed.getBytes(StandardCharsets.UTF_8);
    this.seedHash =
        algorithm == HashAlgorithm.XXH64
            ? XxHash64.hash(utf8, 0, utf8.length, 0)
            : Fnv64.bytes(Fnv64.OFFSET, utf8, 0, utf8.length);
  }

  /** Tokens of a block. */
  public int blockTokens() {
    return blockTokens;
  }

  /** Full blocks of so many tokens. */
  public int blocks(int tokens) {
    return tokens / blockTokens;
  }

  /** What the first block of a model's prompts continues. */
  public long root(String model) {
    byte[] utf8 = model.getBytes(StandardCharsets.UTF_8);
    if (algorithm == HashAlgorithm.CBOR_FNV) {
      long hash = Fnv64.number(Fnv64.header(Fnv64.OFFSET, Fnv64.ARRAY, 3), seedHash);
      return Fnv64.text(Fnv64.octet(hash, Fnv64.NULL), utf8, 0, utf8.length);
    }
    byte[] input = new byte[2 * Long.BYTES + utf8.length];
    LONGS.set(input, 0, seedHash);
    LONGS.set(input, Long.BYTES, (long) utf8.length);
    System.arraycopy(utf8, 0, input, 2 * Long.BYTES, utf8.length);
    return XxHash64.hash(input, 0, input.length, 0);
  }

  /**
   * Computes the keys of all full blocks.
   *
   * @param parent key of the block before, or a {@link #root}
   * @param tokens unsigned
   * @param count tokens to take, from the first
   * @param extras one list for each full block, or null for none
   * @param keys receives them; at least as long as {@link #blocks}
   * @return how many there are
   * @throws IllegalArgumentException if there are blocks and {@code extras} is for another number
   */
  public int hash(long parent, int[] tokens, int count, @Nullable BlockExtras extras, long[] keys) {
    int blocks = blocks(count);
    if (blocks == 0) {
      return 0;
    }
    if (extras != null && extras.blocks() != blocks) {
      throw new IllegalArgumentException(
          "extras of " + extras.blocks() + " blocks for " + blocks + " blocks");
    }
    BlockExtras some = extras == null || extras.isEmpty() ? null : extras;
    if (algorithm == HashAlgorithm.CBOR_FNV) {
      hashCbor(parent, tokens, blocks, some, keys);
    } else {
      hashXx(parent, tokens, blocks, some, keys);
    }
    return blocks;
  }

  private void hashCbor(
      long parent, int[] tokens, int blocks, @Nullable BlockExtras extras, long[] keys) {
    long before = parent;
    int text = 0;
    for (int block = 0; block < blocks; block++) {
      long hash = Fnv64.number(Fnv64.header(Fnv64.OFFSET, Fnv64.ARRAY, 3), before);
      hash = Fnv64.header(hash, Fnv64.ARRAY, blockTokens);
      int end = (block + 1) * blockTokens;
      for (int i = end - blockTokens; i < end; i++) {
        hash = Fnv64.token(hash, tokens[i]);
      }
      int last = extras == null ? text : extras.end(text, block);
      if (extras == null || last == text) {
        hash = Fnv64.octet(hash, Fnv64.NULL);
      } else {
        hash = Fnv64.header(hash, Fnv64.ARRAY, last - text);
        for (; text < last; text++) {
          hash = Fnv64.bytes(hash, HASH_KEY, 0, HASH_KEY.length);
          hash = Fnv64.text(hash, extras.bytes(), extras.start(text), extras.length(text));
        }
      }
      before = hash;
      keys[block] = hash;
    }
  }

  private void hashXx(
      long parent, int[] tokens, int blocks, @Nullable BlockExtras extras, long[] keys) {
    long before = parent;
    int tokenEnd = Long.BYTES + Integer.BYTES * blockTokens;
    byte[] input = new byte[tokenEnd];
    int text = 0;
    for (int block = 0; block < blocks; block++) {
      int length = tokenEnd;
      int last = extras == null ? text : extras.end(text, block);
      if (extras != null && last > text) {
        int more = bytesOf(extras, text, last);
        if (input.length < tokenEnd + more) {
          input = Arrays.copyOf(input, tokenEnd + more);
        }
        for (; text < last; text++) {
          LONGS.set(input, length, (long) extras.length(text));
          System.arraycopy(
              extras.bytes(), extras.start(text), input, length + Long.BYTES, extras.length(text));
          length += Long.BYTES + extras.length(text);
        }
      }
      LONGS.set(input, 0, before);
      for (int i = 0, at = Long.BYTES; i < blockTokens; i++, at += Integer.BYTES) {
        INTS.set(input, at, tokens[block * blockTokens + i]);
      }
      before = XxHash64.hash(input, 0, length, 0);
      keys[block] = before;
    }
  }

  private static int bytesOf(BlockExtras extras, int from, int end) {
    int bytes = 0;
    for (int i = from; i < end; i++) {
      bytes += Long.BYTES + extras.length(i);
    }
    return bytes;
  }
}
