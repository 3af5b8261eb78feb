package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.application.parsing.BodyEdits;
import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.json.JsonQuote;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Replaces the values of a body's top-level {@code model} keys, so that it does not matter whether
 * the model server believes the first or the last, should there be several. A body without the key
 * gets one in front.
 */
final class ModelRewriter implements ModelRenaming {

  /**
   * Where the values of a repeated key stand, in the order of the body: of very many the first and
   * the last, one of which is believed. A body with millions of them would otherwise grow without
   * bound when each gets a longer value.
   */
  static final class Places {

    static final int MAX_FIRST = 4_096;
    static final int MAX_LAST = 4_096;

    /** By so much a body may grow, but for its first and its last value. */
    static final int MAX_GROWTH = 4 << 20;

    private int[] bounds = new int[2];
    private int seen;

    void add(int start, int end) {
      int place = seen < MAX_FIRST + MAX_LAST ? seen : MAX_FIRST + (seen - MAX_FIRST) % MAX_LAST;
      if (2 * place == bounds.length) {
        bounds = Arrays.copyOf(bounds, 4 * place);
      }
      bounds[2 * place] = start;
      bounds[2 * place + 1] = end;
      seen++;
    }

    boolean isEmpty() {
      return seen == 0;
    }

    BodyEdits edits(byte[] replacement) {
      int kept = Math.min(seen, MAX_FIRST + MAX_LAST);
      int edited = Math.min(kept, Math.max(2, MAX_GROWTH / replacement.length));
      return kept == seen && edited == kept
          ? new BodyEdits(bounds, kept, replacement)
          : new BodyEdits(firstAndLast(kept, edited), edited, replacement);
    }

    private int[] firstAndLast(int kept, int edited) {
      int[] chosen = new int[2 * edited];
      int first = edited / 2;
      for (int i = 0; i < edited; i++) {
        int number = i < first ? i : seen - edited + i;
        int place = number < kept ? number : MAX_FIRST + (number - MAX_FIRST) % MAX_LAST;
        System.arraycopy(bounds, 2 * place, chosen, 2 * i, 2);
      }
      return chosen;
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
