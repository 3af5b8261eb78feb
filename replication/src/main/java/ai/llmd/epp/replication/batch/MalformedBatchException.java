package ai.llmd.epp.replication.batch;

/** Why bytes are not a batch that this version understands. */
public final class MalformedBatchException extends Exception {

  private static final long serialVersionUID = 1L;

  MalformedBatchException(String message) {
    super(message);
  }
}
