package ai.llmd.epp.commandline;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of the flag table.
 *
 * @param names with their dashes, as in {@code --grpc-port}
 * @param label what a value looks like in the usage text
 * @param initial the value when the flag is not given
 * @param reader turns a text into a value; throws {@link IllegalArgumentException}
 * @param description for the usage text; empty hides the flag
 * @param refusal why another value than the initial one is refused; null when it is not
 */
public record Flag<T>(
    List<String> names,
    String label,
    T initial,
    Reader<T> reader,
    String description,
    @Nullable String refusal) {

  /** Turns a text into a value. */
  public interface Reader<T> {

    /**
     * Reads a value.
     *
     * @throws IllegalArgumentException with a sentence that names what was expected
     */
    T read(String text);
  }

  public static <T> Flag<T> of(
      String name, String label, T initial, Reader<T> reader, String description) {
    return new Flag<>(List.of(name), label, initial, reader, description, null);
  }

  public static Flag<Boolean> bool(String name, boolean initial, String description) {
    return of(name, "true|false", initial, Flag::readBoolean, description);
  }

  public static Flag<String> text(String name, String initial, String description) {
    return of(name, "TEXT", initial, text -> text, description);
  }

  public static Flag<Integer> number(String name, int initial, String description) {
    return of(name, "N", initial, Flag::readInteger, description);
  }

  /** In Go's spelling, as {@link GoDuration} reads it. */
  public static Flag<Duration> duration(String name, Duration initial, String description) {
    return of(name, "DURATION", initial, GoDuration::parse, description);
  }

  /** The same flag, refused unless it keeps its initial value. */
  public Flag<T> refusedBecause(String reason) {
    return new Flag<>(names, label, initial, reader, description, reason);
  }

  /** The same flag with a short name before the long one. */
  public Flag<T> orShort(String shortName) {
    return new Flag<>(List.of(shortName, name()), label, initial, reader, description, refusal);
  }

  public boolean isHidden() {
    return description.isEmpty();
  }

  public boolean isBoolean() {
    return initial instanceof Boolean;
  }

  /** The long name, for messages. */
  public String name() {
    return names.getLast();
  }

  /** Go's spellings of a boolean. */
  private static boolean readBoolean(String text) {
    return switch (text) {
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default -> throw new IllegalArgumentException("must be true or false, was \"" + text + '"');
    };
  }

  static int readInteger(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a whole number, was \"" + text + '"', e);
    }
  }

  @Override
  public String toString() {
    return name();
  }
}
