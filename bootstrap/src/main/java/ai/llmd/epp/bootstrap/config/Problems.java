package ai.llmd.epp.bootstrap.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong, so that the operator hears of everything at once. One thread. */
final class Problems {

  private static final Comparator<Problem> BY_PLACE =
      Comparator.<Problem>comparingInt(problem -> problem.line() > 0 ? 0 : 1)
          .thenComparingInt(Problem::line)
          .thenComparingInt(Problem::column);

  private final String origin;
  private final List<Problem> found = new ArrayList<>();

  Problems(String origin) {
    this.origin = origin;
  }

  void add(Spot spot, String message) {
    found.add(new Problem(origin, spot.line(), spot.column(), spot.path(), message));
  }

  int count() {
    return found.size();
  }

  /** What has been found, in the order of the document; what was not written comes last. */
  List<Problem> inOrder() {
    return found.stream().sorted(BY_PLACE).toList();
  }

  void throwIfAny() throws ConfigurationException {
    if (!found.isEmpty()) {
      throw new ConfigurationException(inOrder());
    }
  }
}
