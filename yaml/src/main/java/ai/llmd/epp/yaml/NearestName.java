package ai.llmd.epp.yaml;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Helps an operator who mistyped a name. */
public final class NearestName {

  /** A longer list helps no reader. */
  private static final int MAX_LISTED = 15;

  private static final int NEAREST_LISTED = 3;

  /** The cost of a comparison grows with both lengths, and a document may have any names. */
  private static final int MAX_COMPARED = 100;

  private record Distant(String name, int distance) {

    /** Whether no more than a third of the known name would have to change. */
    boolean isNear() {
      return distance <= Math.max(2, name.length() / 3);
    }
  }

  private NearestName() {}

  /** {@code did you mean "x"?} when a known name is near, else all known names, or the nearest. */
  public static String suggestion(String wrong, Collection<String> known) {
    List<Distant> nearest =
        known.stream()
            .map(name -> new Distant(name, distance(wrong, name)))
            .sorted(Comparator.comparingInt(Distant::distance))
            .toList();
    Optional<Distant> meant = nearest.stream().filter(Distant::isNear).findFirst();
    if (meant.isPresent()) {
      return "did you mean \"" + meant.get().name() + "\"?";
    }
    if (nearest.size() > MAX_LISTED) {
      return nearest.stream()
          .limit(NEAREST_LISTED)
          .map(Distant::name)
          .collect(Collectors.joining(", ", "nearest: ", ""));
    }
    return "known: " + (known.isEmpty() ? "none" : String.join(", ", known));
  }

  /** Levenshtein's distance, upper and lower case alike. */
  private static int distance(String first, String second) {
    String a = compared(first);
    String b = compared(second);
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

  private static String compared(String name) {
    String begin = name.length() > MAX_COMPARED ? name.substring(0, MAX_COMPARED) : name;
    return begin.toLowerCase(Locale.ROOT);
  }
}
