package ai.llmd.epp.yaml;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Collects what is wrong, so that everything is reported at once. One thread. */
public final class Problems {

  private static final Comparator<Problem> BY_PLACE =
      Comparator.<Problem>comparingInt(problem -> problem.line() > 0 ? 0 : 1)
          .thenComparingInt(Problem::line)
          .thenComparingInt(Problem::column);

  private final String origin;
  private final List<Problem> preceding = new ArrayList<>();
  private final List<Problem> found = new ArrayList<>();

  public Problems(String origin) {
    this.origin = origin;
  }

  public void add(SourceLocation spot, String message) {
    found.add(new Problem(origin, spot.line(), spot.column(), spot.path(), message));
  }

  /** Puts these before everything that is found. */
  public void precede(List<Problem> others) {
    preceding.addAll(others);
  }

  public int count() {
    return preceding.size() + found.size();
  }

  /** What has been found, in the order of the document; what was not written comes last. */
  public List<Problem> inOrder() {
    return Stream.concat(preceding.stream(), found.stream().sorted(BY_PLACE)).toList();
  }

  public void throwIfAny() throws InvalidDocumentException {
    if (count() > 0) {
      throw new InvalidDocumentException(inOrder());
    }
  }
}
