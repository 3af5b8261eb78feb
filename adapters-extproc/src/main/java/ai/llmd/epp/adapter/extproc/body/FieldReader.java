package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;

/**
 * Reads values as Go's decoder fills typed struct fields: null changes nothing, and a value of
 * another type is passed over. It spoils the whole of a response's usage, but no request: whether
 * that is right is for the model server to judge.
 */
public final class FieldReader {

  private final JsonScanner json;
  private boolean isSpoiled;

  public FieldReader(JsonScanner json) {
    this.json = json;
  }

  public JsonScanner json() {
    return json;
  }

  /** Whether some value was not of the type that its field needs. */
  public boolean isSpoiled() {
    return isSpoiled;
  }

  /** The string that stands here; what the field held before when there is none. */
  public BodyText text(BodyText before) {
    if (json.kind() == JsonKind.STRING) {
      return BodyText.read(json);
    }
    skip(JsonKind.STRING);
    return before;
  }

  /** Enters the object that stands here; false when there is none, and the value is passed over. */
  public boolean entersObject() {
    return enters(JsonKind.OBJECT);
  }

  /** Enters the array that stands here; false when there is none, and the value is passed over. */
  public boolean entersArray() {
    return enters(JsonKind.ARRAY);
  }

  private boolean enters(JsonKind wanted) {
    if (json.kind() == wanted) {
      json.enter();
      return true;
    }
    skip(wanted);
    return false;
  }

  /** Passes over a value that has to be of this kind, or null. */
  public void skip(JsonKind wanted) {
    JsonKind kind = json.kind();
    isSpoiled |= kind != wanted && kind != JsonKind.NULL;
    json.skip();
  }

  /**
   * Passes over the value, whatever it is.
   *
   * @return whether it is anything at all: null, an empty string and an empty array are not
   */
  public boolean passesSomething() {
    return switch (json.kind()) {
      case STRING -> json.scanText();
      case ARRAY -> passesElements();
      case NULL, NONE -> {
        json.skip();
        yield false;
      }
      case OBJECT, NUMBER, TRUE, FALSE -> {
        json.skip();
        yield true;
      }
    };
  }

  private boolean passesElements() {
    json.enter();
    boolean hasElement = false;
    while (json.nextElement()) {
      hasElement = true;
      json.skip();
    }
    return hasElement;
  }

  /** The integer that stands here; what the field held before when there is none. */
  public long integer(long before) {
    if (json.kind() != JsonKind.NUMBER) {
      skip(JsonKind.NUMBER);
      return before;
    }
    double value = json.integer();
    if (Double.isNaN(value) || Math.abs(value) > Long.MAX_VALUE) {
      isSpoiled = true;
      return before;
    }
    return (long) value;
  }
}
