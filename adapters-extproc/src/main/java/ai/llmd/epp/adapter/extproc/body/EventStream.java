package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.json.JsonScanner;
import java.nio.charset.StandardCharsets;

/**
 * Finds the data of the events in an event stream (WHATWG HTML, 9.2.6), wherever its chunks are
 * cut. What is in one chunk is read where it lies; a line is copied only when a chunk ends within
 * it, and what is kept of it is bounded ({@link KeptLine}). One stream's thread.
 *
 * <p>An event ends at an empty line. More lenient than the standard, a data line that is JSON by
 * itself is an event by itself, and so is the unended rest of a stream.
 */
public final class EventStream {

  private static final byte[] DATA = bytes("data:");
  private static final byte[] DONE = bytes("[DONE]");
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  /** Takes the data of one event, valid JSON; the array is the stream's. */
  @FunctionalInterface
  public interface Events {
    void event(byte[] bytes, int start, int end);
  }

  /**
   * What is read of a stream.
   *
   * @param mark only events with this text are of interest; of two bytes or more
   * @param mayBeIndented whether white space may stand before {@code data:}
   * @param isCounted whether its data lines are counted; otherwise chunks without the mark are
   *     passed over
   */
  public record Format(String mark, boolean mayBeIndented, boolean isCounted) {}

  private final byte[] mark;
  private final boolean mayBeIndented;
  private final boolean isCounted;
  private final Events events;
  private final KeptLine unended = new KeptLine();
  private final KeptLine unfinishedEvent = new KeptLine();
  private long dataLines;
  private boolean hasBegun;

  public EventStream(Format format, Events events) {
    this.mark = bytes(format.mark());
    this.mayBeIndented = format.mayBeIndented();
    this.isCounted = format.isCounted();
    this.events = events;
  }

  /** Data lines that have ended so far, the terminator aside; 0 when they are not counted. */
  public long dataLines() {
    return dataLines;
  }

  /** Whether this chunk holds whole events without the mark, and nothing else. */
  private boolean isOfNoInterest(byte[] bytes, int start, int end) {
    return !unended.isOpen()
        && !unfinishedEvent.isOpen()
        && isEmptyLineBefore(bytes, start, end)
        && ByteSearch.indexOf(bytes, start, end, mark) < 0;
  }

  private static boolean isEmptyLineBefore(byte[] bytes, int start, int end) {
    return end - start >= 2
        && bytes[end - 1] == '\n'
        && (bytes[end - 2] == '\n'
            || (end - start >= 3 && bytes[end - 2] == '\r' && bytes[end - 3] == '\n'));
  }

  /** Reads on in the chunk between two places. */
  public void read(byte[] bytes, int start, int end) {
    if (!isCounted && isOfNoInterest(bytes, start, end)) {
      hasBegun = true;
      return;
    }
    int at = start;
    while (at < end) {
      int lineFeed = ByteSearch.indexOf(bytes, at, end, (byte) '\n');
      if (lineFeed < 0) {
        unended.add(bytes, at, end);
        return;
      }
      if (unended.isOpen()) {
        unended.add(bytes, at, lineFeed);
        endKeptLine(isEmptyLineAt(bytes, lineFeed + 1, end));
      } else {
        line(bytes, at, lineFeed, isEmptyLineAt(bytes, lineFeed + 1, end));
      }
      at = lineFeed + 1;
    }
  }

  /** The stream is over: what has not ended ends here. */
  public void finish() {
    if (unended.isOpen()) {
      endKeptLine(true);
    }
    endEvent();
  }

  private static boolean isEmptyLineAt(byte[] bytes, int at, int end) {
    return at < end
        && (bytes[at] == '\n' || (bytes[at] == '\r' && at + 1 < end && bytes[at + 1] == '\n'));
  }

  private void endKeptLine(boolean endsEvent) {
    line(unended.bytes(), 0, unended.length(), endsEvent);
    unended.clear();
  }

  private void line(byte[] bytes, int lineStart, int lineEnd, boolean endsEvent) {
    int from = hasBegun ? lineStart : afterByteOrderMark(bytes, lineStart, lineEnd);
    hasBegun = true;
    int end = lineEnd > from && bytes[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
    if (from == end) {
      endEvent();
      return;
    }
    int start = dataStart(bytes, from, end);
    if (start >= 0 && !isTerminator(bytes, start, end)) {
      dataLines += isCounted ? 1 : 0;
      data(bytes, start, end, endsEvent);
    }
  }

  private static int afterByteOrderMark(byte[] bytes, int start, int end) {
    boolean isMarked = ByteSearch.startsWith(bytes, start, end, BYTE_ORDER_MARK);
    return isMarked ? start + BYTE_ORDER_MARK.length : start;
  }

  /** Where the data of a line begins, or -1 when it is no data line. */
  private int dataStart(byte[] bytes, int from, int end) {
    int at = from;
    while (mayBeIndented && at < end && bytes[at] <= ' ' && bytes[at] >= 0) {
      at++;
    }
    if (!ByteSearch.startsWith(bytes, at, end, DATA)) {
      return -1;
    }
    at += DATA.length;
    return at < end && bytes[at] == ' ' ? at + 1 : at;
  }

  private static boolean isTerminator(byte[] bytes, int start, int end) {
    return end - start == DONE.length && ByteSearch.startsWith(bytes, start, end, DONE);
  }

  private void data(byte[] bytes, int start, int end, boolean endsEvent) {
    if (unfinishedEvent.isOpen()) {
      unfinishedEvent.addLine(bytes, start, end);
    } else if (endsEvent || isJson(bytes, start, end)) {
      offer(bytes, start, end);
    } else {
      unfinishedEvent.add(bytes, start, end);
    }
  }

  private void endEvent() {
    if (!unfinishedEvent.isOpen()) {
      return;
    }
    byte[] bytes = unfinishedEvent.bytes();
    int end = unfinishedEvent.length();
    if (isJson(bytes, 0, end)) {
      offer(bytes, 0, end);
    } else { // lines that have nothing to do with each other
      for (int from = 0; from < end; ) {
        int lineFeed = ByteSearch.indexOf(bytes, from, end, (byte) '\n');
        int to = lineFeed < 0 ? end : lineFeed;
        offer(bytes, from, to);
        from = to + 1;
      }
    }
    unfinishedEvent.clear();
  }

  private void offer(byte[] bytes, int start, int end) {
    if (ByteSearch.indexOf(bytes, start, end, mark) >= 0 && isJson(bytes, start, end)) {
      events.event(bytes, start, end);
    }
  }

  private static boolean isJson(byte[] bytes, int start, int end) {
    JsonScanner json = new JsonScanner(bytes, start, end);
    json.skip();
    json.finish();
    return json.error() == null;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
