package ai.llmd.epp.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An input whose first bytes decide how the rest of it is cut into pieces. */
public final class Cuts {

  private static final int HEAD = 4;

  private final byte[] whole;
  private final List<byte[]> pieces;

  private Cuts(byte[] whole, List<byte[]> pieces) {
    this.whole = whole;
    this.pieces = pieces;
  }

  /** Pieces from nothing to some hundred bytes long, as the head has it. */
  public static Cuts of(byte[] data) {
    byte[] head = Arrays.copyOf(data, HEAD);
    byte[] whole = data.length > HEAD ? Arrays.copyOfRange(data, HEAD, data.length) : new byte[0];
    List<byte[]> pieces = new ArrayList<>();
    for (int from = 0, n = 0; from < whole.length; n++) {
      int length = Byte.toUnsignedInt(head[n % HEAD]) + (n % HEAD == HEAD - 1 ? 1 : 0);
      int to = Math.min(whole.length, from + length);
      pieces.add(Arrays.copyOfRange(whole, from, to));
      from = to;
    }
    return new Cuts(whole, pieces);
  }

  /** What is cut. */
  public byte[] whole() {
    return whole;
  }

  /** The same in pieces. */
  public List<byte[]> pieces() {
    return pieces;
  }

  /** The input that is cut so. */
  public static byte[] input(String head, byte[] whole) {
    byte[] data = Arrays.copyOf(head.getBytes(StandardCharsets.ISO_8859_1), HEAD + whole.length);
    System.arraycopy(whole, 0, data, HEAD, whole.length);
    return data;
  }
}
