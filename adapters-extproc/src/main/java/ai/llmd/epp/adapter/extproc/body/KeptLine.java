package ai.llmd.epp.adapter.extproc.body;

import java.util.Arrays;

/**
 * What is kept of a line, or of an event of several lines, until its end has come: all of it up to
 * {@value #MAX_BYTES} bytes, and of a longer one, condensed, what may hold its usage ({@link
 * CondensedJson}). Reused; holds no array before it is needed, nor a large one after it. One
 * stream's thread.
 */
final class KeptLine {

  /**
   * Most bytes kept, as they came or condensed. A stream has two such lines, and two more as long
   * as the id of its answer is looked for; there may be one stream for each 64 KiB of heap. So what
   * model servers do not end takes a quarter of the heap at most, or half when all look for ids.
   */
  static final int MAX_BYTES = 8 << 10;

  /** Kept for the next line, which may be far away. */
  private static final int REUSED_BYTES = 2 << 10;

  private static final byte[] NOTHING = {};
  private static final int FIRST_BYTES = 1 << 10;

  private byte[] bytes = NOTHING;
  private int length;
  private boolean isOpen;
  private boolean isCondensed;
  private final CondensedJson condensed = new CondensedJson();

  /** Whether there is a beginning whose end has not come. */
  boolean isOpen() {
    return isOpen;
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Appends a line of the same event. */
  void addLine(byte[] from, int start, int end) {
    if (!isCondensed && length < MAX_BYTES) {
      room(length + 1);
      bytes[length++] = '\n';
    }
    add(from, start, end);
  }

  void add(byte[] from, int start, int end) {
    isOpen = true;
    int added = end - start;
    if (!isCondensed && added <= MAX_BYTES - length) {
      room(length + added);
      System.arraycopy(from, start, bytes, length, added);
      length += added;
      return;
    }
    if (!isCondensed) {
      condense();
    }
    room(MAX_BYTES);
    length = condensed.append(from, start, end, bytes, length);
  }

  /** Condenses in place what has been kept so far: the result is never longer. */
  private void condense() {
    isCondensed = true;
    condensed.begin();
    int before = length;
    length = condensed.append(bytes, 0, before, bytes, 0);
  }

  private void room(int wanted) {
    if (bytes.length < wanted) {
      int grown = Math.max(FIRST_BYTES, Math.max(wanted, 2 * bytes.length));
      bytes = Arrays.copyOf(bytes, Math.min(MAX_BYTES, grown));
    }
  }

  void clear() {
    isOpen = false;
    isCondensed = false;
    length = 0;
    if (bytes.length > REUSED_BYTES) {
      bytes = NOTHING;
    }
  }
}
