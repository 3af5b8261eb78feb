package ai.llmd.epp.adapter.tokenizers;

import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonQuote;
import ai.llmd.epp.json.JsonScanner;
import java.nio.charset.StandardCharsets;

/**
 * Writes a JSON value as Python's {@code json.dumps} does: a space behind commas and colons, ASCII
 * only. The order of keys and the digits of numbers stay.
 */
final class PythonJson {

  private static final int MAX_DEPTH = 200;

  private final byte[] bytes;
  private final JsonScanner json;
  private final StringBuilder out = new StringBuilder();

  private PythonJson(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.json = new JsonScanner(bytes, start, end);
  }

  /**
   * The text of an object; {@code {}} when it is none.
   *
   * @throws WithoutResultException if it is nested very deeply
   */
  static String ofObject(byte[] bytes, int start, int end) {
    var writer = new PythonJson(bytes, start, end);
    if (writer.json.kind() != JsonKind.OBJECT) {
      return "{}";
    }
    writer.write(0);
    return writer.json.error() == null ? writer.out.toString() : "{}";
  }

  private void write(int depth) {
    if (depth > MAX_DEPTH) {
      throw new WithoutResultException("cannot render arguments that are nested so deeply");
    }
    switch (json.kind()) {
      case OBJECT -> {
        out.append('{');
        json.enter();
        for (boolean isFirst = true; json.nextMember(); isFirst = false) {
          out.append(isFirst ? "" : ", ");
          JsonQuote.appendPython(out, json.key().content(), true);
          out.append(": ");
          write(depth + 1);
        }
        out.append('}');
      }
      case ARRAY -> {
        out.append('[');
        json.enter();
        for (boolean isFirst = true; json.nextElement(); isFirst = false) {
          out.append(isFirst ? "" : ", ");
          write(depth + 1);
        }
        out.append(']');
      }
      case STRING -> JsonQuote.appendPython(out, json.text().content(), true);
      default -> {
        int start = json.position();
        json.skip();
        out.append(new String(bytes, start, json.position() - start, StandardCharsets.ISO_8859_1));
      }
    }
  }
}
