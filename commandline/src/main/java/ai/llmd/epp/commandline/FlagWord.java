package ai.llmd.epp.commandline;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An argument that is meant as a flag: dashes and a letter, with a value behind an equals sign or
 * not. A negative number, a duration or a YAML document is none.
 *
 * @param name with its dashes, as it was written
 * @param value behind the equals sign; null when there is none
 * @param hasBlankInside whether name and value are one argument with a blank between them
 */
record FlagWord(String name, @Nullable String value, boolean hasBlankInside) {

  /** Editors and web pages make other dashes of two hyphens. */
  private static final Pattern FLAG =
      Pattern.compile("([-\u2010-\u2015\u2212]+\\p{L}[^=\\s]*)(?:(=)|\\s)?(.*)", Pattern.DOTALL);

  /** Null for an argument that is no flag. */
  static @Nullable FlagWord parse(String argument) {
    Matcher parts = FLAG.matcher(argument);
    if (!parts.matches()) {
      return null;
    }
    boolean hasEquals = parts.group(2) != null;
    return new FlagWord(
        parts.group(1), hasEquals ? parts.group(3) : null, !hasEquals && !parts.group(3).isBlank());
  }

  boolean isHelp() {
    return name.equals("-h") || name.equals("--help") || name.equals("-help"); // Go knows both
  }

  /** The dash and one letter; what the name would be if the rest were its value. */
  String shortName() {
    return name.substring(0, Math.min(2, name.length()));
  }

  /** What stands behind the short name. */
  String attached() {
    return name.substring(shortName().length());
  }
}
