package ai.llmd.epp.traces.span;

import java.util.List;

/**
 * Writes spans in the format of an exporter, one after the other, in one pass. Of each: its head,
 * then its attributes, then its events with theirs, then whether it failed. A text that is longer
 * than {@value #MAX_TEXT} characters is cut there. One thread.
 */
public interface SpanWriter {

  /** Characters of a text at most. */
  int MAX_TEXT = 1_024;

  /** Begins a span. */
  SpanWriter begin(SpanHead head);

  SpanWriter attribute(AttributeName name, String value);

  SpanWriter attribute(AttributeName name, long value);

  SpanWriter attribute(AttributeName name, double value);

  SpanWriter attribute(AttributeName name, boolean value);

  SpanWriter attribute(AttributeName name, List<String> values);

  SpanWriter attribute(AttributeName name, double[] values);

  /**
   * Begins an event of the span; the attributes that follow are its own.
   *
   * @param nanos since 1970
   */
  SpanWriter event(String name, long nanos);

  /** The span shows an error. */
  SpanWriter failed(String reason);

  /** Ends the span. */
  void end();

  /** A text as it is written. */
  static String cut(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }
}
