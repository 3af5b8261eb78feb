package ai.llmd.epp.json;

/**
 * A JSON value of a body as Go's {@code encoding/json} writes it after reading it into a generic
 * value, so that equal values become equal texts: no white space, keys sorted bytewise, of a
 * repeated key the last, numbers as shortest doubles, strings with {@code <}, {@code >}, {@code &},
 * U+2028 and U+2029 escaped.
 *
 * <p>Written without a tree, in a time that grows with the value's length and not with its depth.
 * Written as they stand, to bound the memory and the time that a hostile body can cost, are:
 * objects more than {@value CanonicalWriter#MAX_SORTED_DEPTH} levels down, objects that have, with
 * those around them, more than {@value CanonicalWriter#MAX_SORTED_MEMBERS} members, numbers beyond
 * {@value CanonicalWriter#MAX_NUMBER_BYTES} bytes of those that are no short integers, and a value
 * with more than {@value LongContainers#MAX} objects and arrays of {@value
 * LongContainers#MIN_BYTES} bytes or more.
 */
public final class CanonicalJson {

  private CanonicalJson() {}

  /**
   * Writes the value between two places; it must have been scanned and found valid. Stops,
   * somewhere, when the output is full.
   */
  public static void write(byte[] body, int start, int end, Utf8Output output) {
    new CanonicalWriter(body, start, end, output).write();
  }
}
