package ai.llmd.epp.adapter.metrics.scrape;

import java.util.Arrays;

/**
 * The part of a sample's line behind the name: labels, value, timestamp; an exemplar is passed
 * over. Reused.
 */
final class SampleLine {

  private static final int MAX_LABELS = 256;

  /** What came of a line. */
  enum Reading {
    SAMPLE,
    NO_SAMPLE,
    MALFORMED_LABELS
  }

  // four numbers for each label: where its name starts and ends, where its value starts and ends
  private int[] spans = new int[64];
  private int labels;
  private double value;
  private double timestamp;

  /** Reads from behind the name. */
  Reading read(byte[] bytes, int from, int to) {
    labels = 0;
    int at = Bytes.afterBlanks(bytes, from, to);
    if (at < to && bytes[at] == '{') {
      return readFromLabels(bytes, at + 1, to);
    }
    return at == from ? Reading.NO_SAMPLE : readNumbers(bytes, at, to);
  }

  /** Reads from behind the opening brace, or from behind a quoted name and its comma. */
  Reading readFromLabels(byte[] bytes, int from, int to) {
    labels = 0;
    int at = readLabels(bytes, from, to);
    return at < 0
        ? Reading.MALFORMED_LABELS
        : readNumbers(bytes, Bytes.afterBlanks(bytes, at, to), to);
  }

  private Reading readNumbers(byte[] bytes, int from, int lineEnd) {
    timestamp = 0;
    int to = lineEnd > from && bytes[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
    int end = Bytes.afterWord(bytes, from, to);
    if (!NumberText.isNumber(bytes, from, end)) {
      return Reading.NO_SAMPLE;
    }
    value = NumberText.parse(bytes, from, end);
    int time = Bytes.afterBlanks(bytes, end, to);
    if (time == to || bytes[time] == '#') { // the line's end, or an exemplar
      return Reading.SAMPLE;
    }
    int timeEnd = Bytes.afterWord(bytes, time, to);
    int rest = Bytes.afterBlanks(bytes, timeEnd, to);
    if (!NumberText.isNumber(bytes, time, timeEnd) || (rest < to && bytes[rest] != '#')) {
      return Reading.NO_SAMPLE;
    }
    timestamp = NumberText.parse(bytes, time, timeEnd);
    return Double.isNaN(timestamp) ? Reading.NO_SAMPLE : Reading.SAMPLE;
  }

  /** Reads from behind the opening brace; returns the place behind the closing one, or -1. */
  private int readLabels(byte[] bytes, int from, int to) {
    int at = Bytes.afterBlanks(bytes, from, to);
    while (at < to && bytes[at] != '}') {
      boolean isQuoted = bytes[at] == '"';
      int nameStart = isQuoted ? at + 1 : at;
      int nameEnd =
          isQuoted
              ? closingQuote(bytes, nameStart, to)
              : Bytes.afterLabelName(bytes, nameStart, to);
      int equals = Bytes.afterBlanks(bytes, isQuoted ? nameEnd + 1 : nameEnd, to);
      if (nameEnd <= nameStart || equals == to || bytes[equals] != '=') {
        return -1;
      }
      int quote = Bytes.afterBlanks(bytes, equals + 1, to);
      int valueEnd = quote < to && bytes[quote] == '"' ? closingQuote(bytes, quote + 1, to) : -1;
      if (valueEnd < 0 || !add(nameStart, nameEnd, quote + 1, valueEnd)) {
        return -1;
      }
      at = Bytes.afterBlanks(bytes, valueEnd + 1, to);
      if (at < to && bytes[at] == ',') {
        at = Bytes.afterBlanks(bytes, at + 1, to);
      } else if (at == to || bytes[at] != '}') {
        return -1;
      }
    }
    return at == to ? -1 : at + 1;
  }

  /** The place of the quote that ends a text, from behind the one that begins it; or -1. */
  static int closingQuote(byte[] bytes, int from, int to) {
    for (int at = from; at < to; at++) {
      if (bytes[at] == '"') {
        return at;
      }
      if (bytes[at] == '\\') {
        at++;
        if (at == to || (bytes[at] != '\\' && bytes[at] != '"' && bytes[at] != 'n')) {
          return -1;
        }
      }
    }
    return -1;
  }

  private boolean add(int nameStart, int nameEnd, int valueStart, int valueEnd) {
    if (labels == MAX_LABELS) {
      return false;
    }
    if (spans.length < 4 * (labels + 1)) {
      spans = Arrays.copyOf(spans, 2 * spans.length);
    }
    spans[4 * labels] = nameStart;
    spans[4 * labels + 1] = nameEnd;
    spans[4 * labels + 2] = valueStart;
    spans[4 * labels + 3] = valueEnd;
    labels++;
    return true;
  }

  double value() {
    return value;
  }

  /** 0 when there is none; milliseconds, or seconds in OpenMetrics. */
  double timestamp() {
    return timestamp;
  }

  /** Which of the engines behind the page the series is of ({@link EngineLabels}). */
  long engine(byte[] bytes) {
    long engine = EngineLabels.NONE;
    for (int i = 0; i < labels; i++) {
      int label = EngineLabels.indexOf(bytes, spans[4 * i], spans[4 * i + 1]);
      if (label >= 0) {
        engine += EngineLabels.identity(label, bytes, valueStart(i), valueEnd(i));
      }
    }
    return engine;
  }

  int valueStart(int label) {
    return spans[4 * label + 2];
  }

  int valueEnd(int label) {
    return spans[4 * label + 3];
  }

  /** The number of the label with this name, or -1. */
  int label(byte[] bytes, byte[] name) {
    for (int i = 0; i < labels; i++) {
      if (Arrays.equals(bytes, spans[4 * i], spans[4 * i + 1], name, 0, name.length)) {
        return i;
      }
    }
    return -1;
  }

  /** Whether there is such a label with exactly this value. */
  boolean hasLabel(byte[] bytes, byte[] name, byte[] expected) {
    int label = label(bytes, name);
    return label >= 0 && Bytes.equalsUnescaped(bytes, valueStart(label), valueEnd(label), expected);
  }
}
