package ai.llmd.epp.adapter.extproc.body.grpc;

/**
 * The first message of a gRPC body: one byte of flags, four of length, then the message. What
 * follows it is ignored.
 *
 * @param start first byte of the message
 * @param end behind its last byte
 */
public record GrpcFrame(int start, int end) {

  private static final int HEADER_BYTES = 5;
  private static final GrpcFrame NONE = new GrpcFrame(0, -1);

  /** The frame at the start of a span; not {@link #isWhole} when it is cut off or compressed. */
  public static GrpcFrame first(byte[] bytes, int start, int end) {
    int messageStart = start + HEADER_BYTES;
    if (end < messageStart || bytes[start] == 1) {
      return NONE;
    }
    long length = bytes(bytes, start) - HEADER_BYTES;
    return length > end - messageStart
        ? NONE
        : new GrpcFrame(messageStart, messageStart + (int) length);
  }

  /** Whether the length of the frame that starts here has come. */
  static boolean hasHeader(int start, int end) {
    return end - start >= HEADER_BYTES;
  }

  /** The length of the frame that starts here, its header included. */
  static long bytes(byte[] bytes, int start) {
    long length = 0;
    for (int i = start + 1; i < start + HEADER_BYTES; i++) {
      length = (length << 8) | (bytes[i] & 0xFF);
    }
    return HEADER_BYTES + length;
  }

  /** Whether the message at the start of a span is compressed, which a server may well read. */
  public static boolean isCompressed(byte[] bytes, int start, int end) {
    return end >= start + HEADER_BYTES && bytes[start] == 1;
  }

  public boolean isWhole() {
    return end >= start;
  }
}
