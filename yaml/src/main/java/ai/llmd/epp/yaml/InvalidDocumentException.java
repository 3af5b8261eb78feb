package ai.llmd.epp.yaml;

import java.util.List;
import java.util.stream.Collectors;

/** A document that cannot be used, with everything that is wrong with it. */
public final class InvalidDocumentException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  public InvalidDocumentException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** One or more, in the order of the document. */
  public List<Problem> problems() {
    return problems;
  }
}
