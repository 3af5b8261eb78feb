package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The walk over a body that has to be one JSON object. */
public final class JsonBody {

  /** A reader that knows some of an object's members. */
  @FunctionalInterface
  public interface Members {

    /** Reads the value at which the scanner stands, if its key is known; false leaves it alone. */
    public boolean read(JsonScanner json);
  }

  /** How Go names the type into which generic bodies are read; clients see it in errors. */
  public static final String GENERIC = "map[string]interface {}";

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private JsonBody() {}

  /**
   * A scanner at the body's first value. A byte order mark in front is passed over, as the model
   * servers do (RFC 8259, 8.1).
   *
   * @param length bytes of the body, from the start of the array
   */
  public static JsonScanner scanner(byte[] body, int length) {
    int mark = BYTE_ORDER_MARK.length;
    boolean isMarked = length >= mark && Arrays.equals(body, 0, mark, BYTE_ORDER_MARK, 0, mark);
    return new JsonScanner(body, isMarked ? mark : 0, length);
  }

  /**
   * Shows each member to its reader and passes over the others.
   *
   * @param goType what the reference would have read the body into
   * @return what is wrong with the body, null when nothing is; JSON's null is an empty object
   */
  public static @Nullable String read(JsonScanner json, String goType, Members members) {
    JsonKind kind = json.kind();
    if (kind == JsonKind.OBJECT) {
      json.enter();
      while (json.nextMember()) {
        if (!members.read(json)) {
          json.skip();
        }
      }
    } else {
      json.skip();
    }
    json.finish();
    if (json.error() != null || kind == JsonKind.OBJECT || kind == JsonKind.NULL) {
      return json.error();
    }
    return "json: cannot unmarshal " + goName(kind) + " into Go value of type " + goType;
  }

  public static String goName(JsonKind kind) {
    return switch (kind) {
      case OBJECT -> "object";
      case ARRAY -> "array";
      case STRING -> "string";
      case NUMBER -> "number";
      case TRUE, FALSE -> "bool";
      case NULL, NONE -> "value";
    };
  }
}
