package ai.llmd.epp.json;

/**
 * A JSON value of a body as Go's {@code encoding/json} writes it after reading it into a generic
 * value, so that equal values become equal texts: no white space, keys sorted bytewise, of a
 * repeated key the last, numbers as shortest doubles, strings with {@code <}, {@code >}, {@code &},
 * U+2028 and U+2029 escaped.
 *
 * <p>Written without a tree. Objects more than {@value CanonicalWriter#MAX_SORTED_DEPTH} levels
 * down and objects of more than {@value CanonicalWriter#MAX_SORTED_MEMBERS} members are written as
 * they stand: sorting reads a value once for every object around it, and this bounds what a hostile
 * body can cost.
 */
public final class CanonicalJson {

  private CanonicalJson() {}

  /** Writes the value between two places; it must have been scanned and found valid. */
  public static void write(byte[] body, int start, int end, Utf8Output output) {
    new CanonicalWriter(body, start, end, output).write();
  }
}
