package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;

/**
 * Reads values as Go's decoder fills typed struct fields: null changes nothing, a value of another
 * type is passed over and spoils the whole request.
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

  /** Passes over the value, which is not of the right type. */
  public void spoil() {
    markSpoiled();
    json.skip();
  }

  /** The value that was read last is not what its field needs. */
  public void markSpoiled() {
    isSpoiled = true;
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

  public void skipBoolean() {
    skip(json.kind() == JsonKind.TRUE ? JsonKind.TRUE : JsonKind.FALSE);
  }

  public void skipInteger() {
    integer(0);
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
