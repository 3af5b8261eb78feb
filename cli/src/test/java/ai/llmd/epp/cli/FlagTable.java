package ai.llmd.epp.cli;

import ai.llmd.epp.commandline.Flag;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** The flags as the documentation shows them. */
public final class FlagTable {

  private FlagTable() {}

  /**
   * A flag.
   *
   * @param names separated by a comma, the short one first
   * @param initial the default, empty when it is empty
   * @param refusal why other values are refused; empty when they are not
   */
  public record Row(
      String names, String label, String initial, String description, String refusal) {}

  /** The flags of the usage text, in its order. */
  public static List<Row> visible() {
    return Flags.VISIBLE.stream().map(FlagTable::row).toList();
  }

  /** Those that stop the start, and why. */
  public static List<Row> removed() {
    return Flags.REMOVED.stream().map(FlagTable::row).toList();
  }

  private static Row row(Flag<?> flag) {
    String refusal = flag.refusal();
    return new Row(
        String.join(", ", flag.names()),
        flag.label(),
        text(flag.initial()),
        flag.description(),
        refusal == null ? "" : refusal);
  }

  private static String text(Object value) {
    return switch (value) {
      case Duration duration when duration.toMillis() % 1000 != 0 -> duration.toMillis() + "ms";
      case Duration duration -> duration.toSeconds() + "s";
      case Long bytes when bytes % (1L << 20) == 0 -> (bytes >> 20) + "Mi";
      case List<?> list -> list.stream().map(Object::toString).collect(Collectors.joining(","));
      default -> value.toString();
    };
  }
}
