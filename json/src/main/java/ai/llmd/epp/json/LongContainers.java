package ai.llmd.epp.json;

import java.util.Arrays;

/**
 * Where the objects and arrays of a valid text end, those of {@value #MIN_BYTES} bytes or more: who
 * passes over one need not read it. Made in one run over the text.
 *
 * <p>They are numbered in the order in which they begin. Inside a shorter one there is no longer
 * one, so that its text is read again only a few times.
 */
final class LongContainers {

  static final int NONE = -1;

  static final int MIN_BYTES = 64;

  /** More are not noted: 12 bytes each. */
  static final int MAX = 1 << 20;

  private final int maxDepth;
  private int[] starts = new int[16];
  private int[] ends = new int[16];
  private int[] followers = new int[16];
  private int count;
  private boolean isComplete = true;

  /**
   * @param maxDepth how far down they are noted; the value itself is at 0
   */
  LongContainers(byte[] text, int start, int end, int maxDepth) {
    this.maxDepth = maxDepth;
    scan(text, start, end);
  }

  /** Whether all were noted. */
  boolean isComplete() {
    return isComplete;
  }

  /**
   * The container that starts here.
   *
   * @param next the first one that may; {@link #NONE} where none is
   * @return {@link #NONE} when it is a short one, or a scalar
   */
  int at(int next, int position) {
    return next >= 0 && next < count && starts[next] == position ? next : NONE;
  }

  /** The first one that may be inside. */
  int firstIn(int container) {
    return container == NONE ? NONE : container + 1;
  }

  /** The first one that begins behind this one. */
  int behind(int container) {
    return followers[container];
  }

  int end(int container) {
    return ends[container];
  }

  private void scan(byte[] text, int start, int end) {
    int[] open = new int[maxDepth + 1];
    int depth = 0;
    int i = start;
    while (i < end && isComplete) {
      switch (text[i]) {
        case '"' -> i = lastOfString(text, i, end);
        case '{', '[' -> {
          if (depth <= maxDepth) {
            open[depth] = begin(i);
          }
          depth++;
        }
        case '}', ']' -> {
          depth--;
          if (depth <= maxDepth) {
            finish(open[depth], i + 1);
          }
        }
        default -> {}
      }
      i++;
    }
  }

  private static int lastOfString(byte[] text, int start, int end) {
    int i = start + 1;
    while ((i = StringSyntax.plainEnd(text, i, end)) < end && text[i] != '"') {
      i += text[i] == '\\' ? 2 : 1;
    }
    return i;
  }

  private int begin(int start) {
    if (count == starts.length) {
      int length = 2 * count;
      starts = Arrays.copyOf(starts, length);
      ends = Arrays.copyOf(ends, length);
      followers = Arrays.copyOf(followers, length);
    }
    starts[count] = start;
    isComplete = count < MAX;
    return count++;
  }

  private void finish(int container, int end) {
    if (end - starts[container] < MIN_BYTES) {
      count = container; // what is inside was shorter still, and is gone already
    } else {
      ends[container] = end;
      followers[container] = count;
    }
  }
}
