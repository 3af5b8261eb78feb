package ai.llmd.epp.adapter.extproc.message;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;

/**
 * Headers as they were received: names as text, values where they lie in the message. Most headers
 * are only passed on, so a value is decoded only when it is read.
 *
 * <p>A value travels in {@code raw_value} or, from older gateways, in {@code value}. Immutable once
 * read.
 */
public final class HeaderLines {

  public static final HeaderLines NONE = new HeaderLines(new byte[0]);

  private static final int LINE = lengthDelimited(HeaderMap.HEADERS_FIELD_NUMBER);
  private static final int KEY = lengthDelimited(HeaderValue.KEY_FIELD_NUMBER);
  private static final int TEXT = lengthDelimited(HeaderValue.VALUE_FIELD_NUMBER);
  private static final int RAW = lengthDelimited(HeaderValue.RAW_VALUE_FIELD_NUMBER);

  private final byte[] message;
  private String[] names = new String[16];
  private int[] starts = new int[16];
  private int[] lengths = new int[16];
  private int size;

  private HeaderLines(byte[] message) {
    this.message = message;
  }

  static int lengthDelimited(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  /**
   * Reads a {@code HeaderMap}.
   *
   * @param in limited to the map, over the whole message
   * @param message kept
   */
  static HeaderLines read(CodedInputStream in, byte[] message, MessageFields fields)
      throws IOException {
    HeaderLines lines = new HeaderLines(message);
    int tag;
    while ((tag = fields.next(in)) != 0) {
      if (tag == LINE) {
        int outer = in.pushLimit(in.readRawVarint32());
        lines.readLine(in, fields);
        in.popLimit(outer);
      } else {
        fields.skip(in, tag);
      }
    }
    return lines;
  }

  private void readLine(CodedInputStream in, MessageFields fields) throws IOException {
    String name = "";
    int start = 0;
    int length = 0;
    int tag;
    while ((tag = fields.next(in)) != 0) {
      if (tag == KEY) {
        name = in.readStringRequireUtf8();
      } else if (tag == RAW || tag == TEXT) {
        int valueLength = in.readRawVarint32();
        int valueStart = in.getTotalBytesRead();
        in.skipRawBytes(valueLength);
        if (valueLength > 0 && (tag == RAW || length == 0)) {
          start = valueStart;
          length = valueLength;
        }
      } else {
        fields.skip(in, tag);
      }
    }
    add(name, start, length);
  }

  private void add(String name, int start, int length) {
    if (size == names.length) {
      names = Arrays.copyOf(names, 2 * size);
      starts = Arrays.copyOf(starts, 2 * size);
      lengths = Arrays.copyOf(lengths, 2 * size);
    }
    names[size] = name;
    starts[size] = start;
    lengths[size] = length;
    size++;
  }

  public int size() {
    return size;
  }

  /** As received. */
  public String name(int line) {
    return names[line];
  }

  public String text(int line) {
    return new String(message, starts[line], lengths[line], StandardCharsets.UTF_8);
  }

  /** Whether a value is this text, without decoding it. */
  public boolean isText(int line, byte[] text) {
    int start = starts[line];
    return Arrays.equals(message, start, start + lengths[line], text, 0, text.length);
  }

  /**
   * A value of decimal digits alone, without decoding it; -1 for any other value, {@link
   * Long#MAX_VALUE} for a larger one.
   */
  public long number(int line) {
    if (lengths[line] == 0) {
      return -1;
    }
    long number = 0;
    for (int i = starts[line]; i < starts[line] + lengths[line]; i++) {
      int digit = message[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number > (Long.MAX_VALUE - 9) / 10 ? Long.MAX_VALUE : 10 * number + digit;
    }
    return number;
  }

  /** The last line of this name, whatever its case; -1 when there is none. */
  public int lastOf(String name) {
    for (int i = size - 1; i >= 0; i--) {
      if (names[i].equalsIgnoreCase(name)) {
        return i;
      }
    }
    return -1;
  }

  /** The values of all lines of this name, whatever its case, in order and joined by commas. */
  public String joined(String name) {
    StringJoiner values = new StringJoiner(",");
    for (int i = 0; i < size; i++) {
      if (names[i].equalsIgnoreCase(name)) {
        values.add(text(i));
      }
    }
    return values.toString();
  }

  /** The names, in lower case, that stand in several lines. */
  public Set<String> repeatedNames() {
    Set<String> seen = HashSet.newHashSet(size);
    Set<String> repeated = new HashSet<>();
    for (int i = 0; i < size; i++) {
      String name = lowerCase(names[i]);
      if (!seen.add(name)) {
        repeated.add(name);
      }
    }
    return repeated;
  }

  /** Adds an instruction to set this header, under this name. */
  public void set(int line, String name, HeadersToSet answer) {
    answer.add(name, message, starts[line], lengths[line]);
  }

  /** A name in lower case; without an allocation when it is so already, as Envoy's are. */
  public static String lowerCase(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        return name.toLowerCase(Locale.ROOT);
      }
    }
    return name;
  }
}
