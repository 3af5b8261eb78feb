package ai.llmd.epp.yaml;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Helps an operator who mistyped a name. */
public final class NearestName {

  /** A longer list helps no reader. */
  private static final int MAX_LISTED = 15;

  private static final int NEAREST_LISTED = 3;

  private NearestName() {}

  /** {@code did you mean "x"?} when a known name is near, else all known names, or the nearest. */
  public static String suggestion(String wrong, Collection<String> known) {
    List<String> nearest =
        known.stream().sorted(Comparator.comparingInt(name -> distance(wrong, name))).toList();
    Optional<String> meant = nearest.stream().filter(name -> isNear(wrong, name)).findFirst();
    if (meant.isPresent()) {
      return "did you mean \"" + meant.get() + "\"?";
    }
    if (nearest.size() > MAX_LISTED) {
      return "nearest: " + String.join(", ", nearest.subList(0, NEAREST_LISTED));
    }
    return "known: " + (known.isEmpty() ? "none" : String.join(", ", known));
  }

  /** Whether no more than a third of the known name would have to change. */
  private static boolean isNear(String wrong, String known) {
    return distance(wrong, known) <= Math.max(2, known.length() / 3);
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
