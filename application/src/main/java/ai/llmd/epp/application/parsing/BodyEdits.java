package ai.llmd.epp.application.parsing;

/**
 * Spans of a body, in its order and apart from each other, that are all replaced by the same bytes.
 * An empty span is an insertion. Neither array is copied: who made them leaves them alone.
 */
public final class BodyEdits {

  private final int[] bounds;
  private final int count;
  private final byte[] replacement;

  /**
   * @param bounds start and end of each span; there may be room behind the last
   * @param count number of spans, at least one
   */
  public BodyEdits(int[] bounds, int count, byte[] replacement) {
    if (count < 1 || bounds.length < 2 * count) {
      throw new IllegalArgumentException("no " + count + " spans in " + bounds.length + " bounds");
    }
    this.bounds = bounds;
    this.count = count;
    this.replacement = replacement;
  }

  /** Number of spans, at least one. */
  public int count() {
    return count;
  }

  /** First byte of a span. */
  public int start(int span) {
    return bounds[2 * span];
  }

  /** Place behind the last byte of a span. */
  public int end(int span) {
    return bounds[2 * span + 1];
  }

  /** What stands in the place of each span; read-only. */
  public byte[] replacement() {
    return replacement;
  }
}
