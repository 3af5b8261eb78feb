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
    if (places.used > 0) {
      return new BodyEdits(places.bounds, places.used / 2, value.getBytes(StandardCharsets.UTF_8));
    }
    int inside = bodyStart + 1;
    String member = "\"model\":" + value + (isEmptyObject(inside) ? "" : ",");
    return new BodyEdits(new int[] {inside, inside}, 1, member.getBytes(StandardCharsets.UTF_8));
  }

  private boolean isEmptyObject(int inside) {
    int i = inside;
    while (body[i] <= ' ' && body[i] >= 0) {
      i++;
    }
    return body[i] == '}';
  }
}
