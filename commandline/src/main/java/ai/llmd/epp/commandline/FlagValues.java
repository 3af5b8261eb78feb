package ai.llmd.epp.commandline;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Readers of flag values; each refuses what it cannot read with a sentence. */
public final class FlagValues {

  private FlagValues() {}

  public static List<Integer> integers(String text) {
    Set<Integer> numbers = new LinkedHashSet<>();
    for (String part : texts(text)) {
      numbers.add(Flag.readInteger(part));
    }
    return List.copyOf(numbers);
  }

  /** Parts between commas, without blank ones. */
  public static List<String> texts(String text) {
    List<String> parts = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      if (!part.isBlank()) {
        parts.add(part.strip());
      }
    }
    return List.copyOf(parts);
  }

  /** Paths between colons (semicolons on Windows), without blank ones. */
  public static List<Path> paths(String text) {
    List<Path> paths = new ArrayList<>();
    for (String part : text.split(Pattern.quote(File.pathSeparator), -1)) {
      if (!part.isBlank()) {
        paths.add(Path.of(part.strip()));
      }
    }
    return List.copyOf(paths);
  }

  public static int positive(String text) {
    return atLeast(1, text);
  }

  public static int natural(String text) {
    return atLeast(0, text);
  }

  private static int atLeast(int min, String text) {
    int value = Flag.readInteger(text);
    if (value < min) {
      throw new IllegalArgumentException("must be " + min + " or more, was " + value);
    }
    return value;
  }

  public static long positiveSize(String text) {
    long value = size(text);
    if (value == 0) {
      throw new IllegalArgumentException("must be above 0");
    }
    return value;
  }

  /** A quantity of bytes with an optional {@code B} behind it, as in {@code 10MiB}. */
  public static long size(String text) {
    boolean hasUnit = text.endsWith("B") || text.endsWith("b");
    long value = Quantity.parse(hasUnit ? text.substring(0, text.length() - 1) : text);
    if (value < 0) {
      throw new IllegalArgumentException("must not be negative, was \"" + text + '"');
    }
    return value;
  }

  /** One of these, in lower case; the case of the text does not matter. */
  public static String choice(String text, List<String> choices) {
    String choice = text.toLowerCase(Locale.ROOT);
    if (!choices.contains(choice)) {
      throw new IllegalArgumentException(
          "must be one of " + String.join(", ", choices) + ", was \"" + text + '"');
    }
    return choice;
  }
}
