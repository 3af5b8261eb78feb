package ai.llmd.epp.domain.kvcache;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Texts beside the tokens that separate prefix blocks: identifiers of images and sounds, cache
 * salts. An ordered list for each block, most of them empty.
 *
 * <p>Reusable: {@link #reset} empties it and keeps its arrays. One thread at a time.
 */
public final class BlockExtras {

  /** Texts of an event, or of its blocks as they are cut here. */
  private static final int MAX_TEXTS = 1 << 17;

  /** Their bytes. */
  private static final int MAX_BYTES = 4 << 20;

  private byte[] bytes = new byte[64];
  private int byteCount;
  private int[] blockOf = new int[8];
  private int[] ends = new int[8];
  private int texts;
  private int blocks;

  /** Empties the lists of all blocks. */
  public BlockExtras reset(int newBlocks) {
    blocks = newBlocks;
    texts = 0;
    byteCount = 0;
    return this;
  }

  /** Number of blocks that have a list. */
  public int blocks() {
    return blocks;
  }

  /** Whether all lists are empty. */
  public boolean isEmpty() {
    return texts == 0;
  }

  /** Whether a model server may list a further text of so many bytes. */
  public boolean hasRoom(int length) {
    return texts < MAX_TEXTS && byteCount + length <= MAX_BYTES;
  }

  /** Appends a text to the list of a block; blocks must not descend. */
  public void add(int block, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    add(block, utf8, 0, utf8.length);
  }

  /** Appends a text of UTF-8 bytes, which are copied and not checked. */
  public void add(int block, byte[] from, int offset, int length) {
    if (block < 0 || block >= blocks || (texts > 0 && block < blockOf[texts - 1])) {
      throw new IllegalArgumentException("block out of order: " + block);
    }
    if (bytes.length - byteCount < length) {
      bytes = Arrays.copyOf(bytes, Math.max(byteCount + length, 2 * bytes.length));
    }
    if (texts == ends.length) {
      ends = Arrays.copyOf(ends, 2 * texts);
      blockOf = Arrays.copyOf(blockOf, 2 * texts);
    }
    System.arraycopy(from, offset, bytes, byteCount, length);
    byteCount += length;
    blockOf[texts] = block;
    ends[texts++] = byteCount;
  }

  /**
   * Writes the lists of these blocks as those of {@code newBlocks} blocks over the same tokens. A
   * longer block is taken apart: each part has the whole list. Shorter ones are put together: the
   * list is the concatenation, with what repeats.
   *
   * @return false when they would be too long, and nothing is written
   */
  public boolean realign(int newBlocks, BlockExtras into) {
    into.reset(newBlocks);
    if (texts == 0 || newBlocks == 0 || blocks == 0) {
      return true;
    }
    long times = Math.ceilDiv(newBlocks, blocks);
    if (times * texts > MAX_TEXTS || times * byteCount > MAX_BYTES) {
      return false;
    }
    if (blocks >= newBlocks) {
      for (int i = 0; i < texts; i++) {
        into.add((int) ((long) blockOf[i] * newBlocks / blocks), bytes, start(i), length(i));
      }
      return true;
    }
    int first = 0;
    for (int block = 0; block < newBlocks; block++) {
      int of = (int) ((long) block * blocks / newBlocks);
      while (first < texts && blockOf[first] < of) {
        first++;
      }
      for (int i = first; i < texts && blockOf[i] == of; i++) {
        into.add(block, bytes, start(i), length(i));
      }
    }
    return true;
  }

  /** Copies all lists, leaving out every text that equals the given bytes. */
  public void copyWithout(byte[] text, BlockExtras into) {
    into.reset(blocks);
    for (int i = 0; i < texts; i++) {
      if (!Arrays.equals(bytes, start(i), ends[i], text, 0, text.length)) {
        into.add(blockOf[i], bytes, start(i), length(i));
      }
    }
  }

  /** Copies all lists, with a further text at the end of the first one. */
  public void copyWith(byte[] text, BlockExtras into) {
    into.reset(blocks);
    int first = end(0, 0);
    for (int i = 0; i < first; i++) {
      into.add(0, bytes, start(i), length(i));
    }
    into.add(0, text, 0, text.length);
    for (int i = first; i < texts; i++) {
      into.add(blockOf[i], bytes, start(i), length(i));
    }
  }

  /** Whether the list of the first block has a text. */
  boolean firstHas(byte[] text) {
    for (int i = 0; i < texts && blockOf[i] == 0; i++) {
      if (Arrays.equals(bytes, start(i), ends[i], text, 0, text.length)) {
        return true;
      }
    }
    return false;
  }

  /** The list of a block as texts, for tests and debugging pages. */
  public List<String> texts(int block) {
    var list = new ArrayList<String>();
    for (int i = first(block); i < texts && blockOf[i] == block; i++) {
      list.add(new String(bytes, start(i), length(i), StandardCharsets.UTF_8));
    }
    return list;
  }

  /** Index of the first text at or after a block. */
  int first(int block) {
    int i = 0;
    while (i < texts && blockOf[i] < block) {
      i++;
    }
    return i;
  }

  /** Index after the last text of a block whose first text is at {@code from}. */
  int end(int from, int block) {
    int i = from;
    while (i < texts && blockOf[i] == block) {
      i++;
    }
    return i;
  }

  int start(int text) {
    return text == 0 ? 0 : ends[text - 1];
  }

  int length(int text) {
    return ends[text] - start(text);
  }

  byte[] bytes() {
    return bytes;
  }
}
