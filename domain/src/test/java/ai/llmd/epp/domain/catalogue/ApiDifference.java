package ai.llmd.epp.domain.catalogue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What has changed between two sets of {@link ApiSignatures}.
 *
 * @param breaking what a jar built before may miss: removed and changed lines, and new abstract
 *     methods
 * @param added what a jar built before does not know
 */
record ApiDifference(List<String> breaking, List<String> added) {

  static ApiDifference between(Collection<String> before, Collection<String> after) {
    List<String> breaking = new ArrayList<>();
    List<String> added = new ArrayList<>();
    for (String line : before) {
      if (!after.contains(line)) {
        breaking.add("- " + line);
      }
    }
    for (String line : after) {
      if (!before.contains(line)) {
        (isAbstractMethod(line, before) ? breaking : added).add("+ " + line);
      }
    }
    return new ApiDifference(breaking, added);
  }

  /** Of a type that was there before: one that is new has no implementation in any jar yet. */
  private static boolean isAbstractMethod(String line, Collection<String> before) {
    String owner = line.substring(0, line.indexOf(": ") + 2);
    return line.contains("(")
        && line.contains(" abstract ")
        && before.stream().anyMatch(other -> other.startsWith(owner));
  }
}
