package ai.llmd.epp.traces.otlp;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.traces.span.AttributeName;
import org.jspecify.annotations.Nullable;

/**
 * Attributes with a text as value, encoded. Those that were encoded lately are kept: most values
 * are one of a few (plugins, profiles, models) or stand in several spans of one trace (its
 * request's id). A new one takes the place of one with the same hash. One thread.
 */
final class EncodedTexts {

  /** Characters of a value that is kept at most. */
  static final int MAX_KEPT = 128;

  private static final int SLOTS = 256; // 64 KiB or so, when all are long

  private final @Nullable Entry[] kept = new Entry[SLOTS];

  private static final class Entry {

    private final AttributeName name;
    private final String value;
    private final byte[] encoded;

    Entry(AttributeName name, String value) {
      this.name = name;
      this.value = value;
      this.encoded = encode(name, value);
    }

    boolean isOf(AttributeName otherName, String otherValue) {
      return name == otherName && value.equals(otherValue);
    }
  }

  /** The fields of the attribute's message; not to be changed. */
  byte[] of(AttributeName name, String value) {
    if (value.length() > MAX_KEPT) {
      return encode(name, value);
    }
    int hash = name.text().hashCode() ^ value.hashCode();
    int slot = (hash ^ (hash >>> Short.SIZE)) & (SLOTS - 1);
    Entry known = kept[slot];
    if (known == null || !known.isOf(name, value)) {
      known = new Entry(name, value);
      kept[slot] = known;
    }
    return known.encoded;
  }

  private static byte[] encode(AttributeName name, String value) {
    byte[] text = value.getBytes(UTF_8);
    int valueBytes = ProtoBytes.fieldBytes(text.length);
    ProtoBytes out = new ProtoBytes(KeyValues.bytes(name, valueBytes));
    KeyValues.begin(out, name, valueBytes);
    out.bytes(KeyValues.STRING_VALUE, text);
    return out.toArray();
  }
}
