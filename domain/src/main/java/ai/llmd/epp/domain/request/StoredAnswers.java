package ai.llmd.epp.domain.request;

/**
 * What a request has to do with answers that a model server keeps in its own memory (stored
 * responses, conversations).
 *
 * @param reference id of the response or conversation that it goes on with, fetches, cancels or
 *     deletes; empty for none
 * @param isKept whether the server may keep the answer to this request under an id
 */
public record StoredAnswers(String reference, boolean isKept) {

  /** A request that has nothing to do with any. */
  public static final StoredAnswers NONE = new StoredAnswers("", false);

  /** A request for what is kept under an id; empty for none. */
  public static StoredAnswers of(String reference) {
    return reference.isEmpty() ? NONE : new StoredAnswers(reference, false);
  }

  /** Never the id: it may be a credential. */
  @Override
  public String toString() {
    return "StoredAnswers[%s, %b]".formatted(reference.isEmpty() ? "new" : "known", isKept);
  }
}
