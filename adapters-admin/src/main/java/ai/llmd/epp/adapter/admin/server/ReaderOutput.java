package ai.llmd.epp.adapter.admin.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Sends a body in pieces, each of which has to be taken in time. Nothing is kept here: who writes
 * waits for the reader.
 */
final class ReaderOutput extends OutputStream {

  /** A reader is slow when it does not take so much in time. */
  private static final int PIECE_BYTES = 16 << 10;

  /** Is told of each piece, by the thread that writes. */
  interface Pacing {

    /** From now on the reader may take a piece. */
    void pieceBegins();

    /** The system has the piece, so the reader has taken earlier ones. */
    void pieceTaken();
  }

  private static final byte[] LINE_END = {'\r', '\n'};
  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final OutputStream out;
  private final Pacing pacing;
  private final boolean isChunked;

  /**
   * @param out of the connection
   * @param isChunked for a body whose length is not known before
   */
  ReaderOutput(OutputStream out, Pacing pacing, boolean isChunked) {
    this.out = out;
    this.pacing = pacing;
    this.isChunked = isChunked;
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one});
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    Objects.checkFromIndexSize(from, length, bytes.length);
    int end = from + length;
    for (int at = from; at < end; at += PIECE_BYTES) {
      pacing.pieceBegins();
      send(bytes, at, Math.min(PIECE_BYTES, end - at));
      pacing.pieceTaken();
    }
  }

  private void send(byte[] bytes, int from, int length) throws IOException {
    if (!isChunked) {
      out.write(bytes, from, length);
      return;
    }
    byte[] size = (Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    byte[] chunk = new byte[size.length + length + LINE_END.length];
    System.arraycopy(size, 0, chunk, 0, size.length);
    System.arraycopy(bytes, from, chunk, size.length, length);
    System.arraycopy(LINE_END, 0, chunk, size.length + length, LINE_END.length);
    out.write(chunk);
  }

  /** The body is complete. */
  void end() throws IOException {
    if (isChunked) {
      pacing.pieceBegins();
      out.write(LAST_CHUNK);
      pacing.pieceTaken();
    }
  }
}
