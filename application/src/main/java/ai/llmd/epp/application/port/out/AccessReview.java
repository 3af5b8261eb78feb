package ai.llmd.epp.application.port.out;

/**
 * Decides who may read the pages for operators. Any thread that may wait: an answer can take
 * seconds when a remote service has to be called.
 */
@FunctionalInterface
public interface AccessReview {

  /**
   * Never throws: what goes wrong is a verdict.
   *
   * @param token what the reader shows; never empty, never logged
   * @param path of the page, such as {@code /metrics}
   * @param verb HTTP method in lower case
   */
  Verdict review(String token, String path, String verb);

  /** What came of it. */
  sealed interface Verdict {

    /** The reader is known and may read. */
    record Allowed() implements Verdict {}

    /** The API server does not know the token. */
    record Unknown() implements Verdict {}

    /** The reader is known and may not read. */
    record Denied(String user) implements Verdict {}

    /** No review was possible, so the reader is unknown. */
    record Unidentified() implements Verdict {}

    /** The reader is known, but the authorization service cannot be reached. */
    record Undecided(String user) implements Verdict {}
  }
}
