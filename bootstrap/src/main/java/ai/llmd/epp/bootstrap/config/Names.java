package ai.llmd.epp.bootstrap.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Helps an operator who mistyped a name. */
final class Names {

  private Names() {}

  /** {@code did you mean "x"?} when a known name is near, else all known names. */
  static String suggestion(String wrong, Collection<String> known) {
    return nearest(wrong, known)
        .map(name -> "did you mean \"" + name + "\"?")
        .orElseGet(() -> "known: " + (known.isEmpty() ? "none" : String.join(", ", known)));
  }

  /** The known name with the smallest edit distance, unless that is more than a third of it. */
  private static Optional<String> nearest(String wrong, Collection<String> known) {
    return known.stream()
        .filter(name -> distance(wrong, name) <= Math.max(2, name.length() / 3))
        .min(Comparator.comparingInt(name -> distance(wrong, name)));
  }

  /** Levenshtein's distance, upper and lower case alike. */
  private static int distance(String first, String second) {
    String a = first.toLowerCase(Locale.ROOT);
    String b = second.toLowerCase(Locale.ROOT);
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
