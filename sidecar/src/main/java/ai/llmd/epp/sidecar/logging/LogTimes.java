package ai.llmd.epp.sidecar.logging;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** Forms of times in the log, by the names of the reference's flag. */
public final class LogTimes {

  /** The system property that names one. */
  public static final String PROPERTY = "sidecar.log.times";

  public static final List<String> NAMES =
      List.of("epoch", "millis", "nano", "iso8601", "rfc3339", "rfc3339nano");

  private static final DateTimeFormatter ISO_8601 =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter RFC_3339 =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssX").withZone(ZoneOffset.UTC);

  private LogTimes() {}

  /** A JSON value. */
  static String json(long millis, String form) {
    Instant time = Instant.ofEpochMilli(millis);
    return switch (form) {
      case "millis" -> Long.toString(millis);
      case "nano" -> millis + "000000";
      case "iso8601" -> '"' + ISO_8601.format(time) + '"';
      case "rfc3339" -> '"' + RFC_3339.format(time) + '"';
      case "rfc3339nano" -> '"' + time.toString() + '"';
      default -> "%d.%03d".formatted(millis / 1000, millis % 1000);
    };
  }
}
