package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.application.parsing.BodyEdits;
import ai.llmd.epp.application.parsing.ModelRenaming;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Replaces the values of a body's top-level {@code model} keys, all of them should there be
 * several, so that it does not matter which one the model server believes. A body without the key
 * gets one in front.
 */
final class ModelRewriter implements ModelRenaming {

  /** Where the values of {@code model} keys stand, in the order of the body. */
  static final class Places {

    private int[] bounds = new int[2];
    private int used;

    void add(int start, int end) {
      if (used == bounds.length) {
        bounds = Arrays.copyOf(bounds, 2 * used);
      }
      bounds[used++] = start;
      bounds[used++] = end;
    }

    boolean isEmpty() {
      return used == 0;
    }

    BodyEdits edits(byte[] replacement) {
      return new BodyEdits(bounds, used / 2, replacement);
    }
  }

  private final Places places;
  private final byte[] body;
  private final int bodyStart;

  ModelRewriter(Places places, byte[] body, int bodyStart) {
    this.places = places;
    this.body = body;
    this.bodyStart = bodyStart;
  }

  @Override
  public BodyEdits edits(String model) {
    String value = JsonQuote.quoted(model);
    return places.isEmpty()
        ? insertion(body, bodyStart + 1, "\"model\":" + value)
        : places.edits(value.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Adds a member in front of the others.
   *
   * @param inside place behind the opening brace
   */
  static BodyEdits insertion(byte[] body, int inside, String member) {
    String text = isEmptyObject(body, inside) ? member : member + ",";
    return new BodyEdits(new int[] {inside, inside}, 1, text.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isEmptyObject(byte[] body, int inside) {
    int i = inside;
    while (body[i] <= ' ' && body[i] >= 0) {
      i++;
    }
    return body[i] == '}';
  }
}
