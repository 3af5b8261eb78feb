package ai.llmd.epp.adapter.extproc.server;

import ai.llmd.epp.adapter.extproc.transport.MinuteReports;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what was given up because a gateway goes on too slowly, or brings too much. Any thread.
 */
final class GivenUpStreams {

  private static final Logger log = LoggerFactory.getLogger(GivenUpStreams.class);

  /** Why. */
  enum Reason {
    /** The request, or its next piece, did not come in time. */
    SLOW("slow", "streams ended because their requests did not come in time"),
    /** The answer to the request was not taken in time. */
    UNREAD("unread", "streams ended because the gateway did not take their answers"),
    /** There was no room for an incomplete message, or for answers that wait. */
    MEMORY("memory", "streams ended because there was no room for what they bring"),
    /** A connection reset too many streams. */
    RESETS("resets", "connections ended because they reset too many streams");

    private final String label;
    private final String text;

    Reason(String label, String text) {
      this.label = label;
      this.text = text;
    }
  }

  private final Map<Reason, LongAdder> counts = new EnumMap<>(Reason.class);
  private final Map<Reason, MinuteReports> reports = new EnumMap<>(Reason.class);

  GivenUpStreams() {
    for (Reason reason : Reason.values()) {
      counts.put(reason, new LongAdder());
      reports.put(
          reason,
          new MinuteReports(
              System::nanoTime,
              number -> log.atWarn().addKeyValue("number", number).log(reason.text)));
    }
  }

  void add(Reason reason) {
    of(counts, reason).increment();
    of(reports, reason).add();
  }

  private static <T> T of(Map<Reason, T> map, Reason reason) {
    T value = map.get(reason);
    if (value == null) {
      throw new IllegalStateException("every reason has one");
    }
    return value;
  }

  /** How many there were, by the reason's name in metrics. */
  Map<String, Long> counted() {
    Map<String, Long> counted = new java.util.TreeMap<>();
    Arrays.stream(Reason.values())
        .forEach(reason -> counted.put(reason.label, of(counts, reason).sum()));
    return counted;
  }
}
