package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.json.JsonScanner;
import java.nio.charset.StandardCharsets;

/** The {@code data: } lines of a chunk of an event stream, one after the other. */
public final class DataLines {

  private static final byte[] NOTHING = {};
  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

  private final boolean mayBeIndented;
  private byte[] bytes = NOTHING;
  private int next;
  private int chunkEnd;
  private int start;
  private int end;

  /**
   * @param mayBeIndented whether white space may stand before {@code data: }
   */
  public DataLines(boolean mayBeIndented) {
    this.mayBeIndented = mayBeIndented;
  }

  /** Starts at the first line of the chunk between two places. */
  public void open(byte[] chunk, int chunkStart, int newChunkEnd) {
    bytes = chunk;
    next = chunkStart;
    chunkEnd = newChunkEnd;
  }

  /** Lets go of the chunk. */
  public void close() {
    bytes = NOTHING;
  }

  /** Goes to the next data line; false when there is none. */
  public boolean next() {
    while (next < chunkEnd) {
      int lineStart = next;
      int lineBreak = ByteSearch.indexOf(bytes, lineStart, chunkEnd, (byte) '\n');
      int lineEnd = lineBreak < 0 ? chunkEnd : lineBreak;
      next = lineEnd + 1;
      if (mayBeIndented) {
        lineStart = afterIndent(lineStart, lineEnd);
      }
      if (ByteSearch.startsWith(bytes, lineStart, lineEnd, DATA)) {
        start = lineStart + DATA.length;
        end = lineEnd > start && bytes[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
        return true;
      }
    }
    return false;
  }

  private int afterIndent(int lineStart, int lineEnd) {
    int i = lineStart;
    while (i < lineEnd && bytes[i] <= ' ' && bytes[i] >= 0) {
      i++;
    }
    return i;
  }

  /** Whether the line ends the stream. */
  public boolean isTerminator() {
    return end - start == DONE.length && ByteSearch.startsWith(bytes, start, end, DONE);
  }

  public boolean contains(byte[] text) {
    return ByteSearch.indexOf(bytes, start, end, text) >= 0;
  }

  /** Whether the line's content is valid JSON. */
  public boolean isJson() {
    JsonScanner json = json();
    json.skip();
    json.finish();
    return json.error() == null;
  }

  /** A new scanner over the line's content. */
  public JsonScanner json() {
    return new JsonScanner(bytes, start, end);
  }
}
