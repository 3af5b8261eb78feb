package ai.llmd.epp.adapter.kvevents;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Texts that come again and again, kept so that most are made once. One thread at a time. */
final class Names {

  private static final int CELLS = 256;
  private static final int MAX_BYTES = 256;

  private final byte[][] bytes = new byte[CELLS][];
  private final String[] texts = new String[CELLS];

  /** The text of UTF-8 bytes. */
  String of(byte[] from, int start, int length) {
    if (length == 0) {
      return "";
    }
    if (length > MAX_BYTES) {
      return new String(from, start, length, StandardCharsets.UTF_8);
    }
    int hash = length;
    for (int i = start; i < start + length; i++) {
      hash = 31 * hash + from[i];
    }
    int cell = (hash ^ hash >>> 16) & CELLS - 1;
    byte[] known = bytes[cell];
    if (known == null || !Arrays.equals(known, 0, known.length, from, start, start + length)) {
      bytes[cell] = Arrays.copyOfRange(from, start, start + length);
      texts[cell] = new String(from, start, length, StandardCharsets.UTF_8);
    }
    return texts[cell];
  }
}
