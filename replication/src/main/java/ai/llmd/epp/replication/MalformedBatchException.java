package ai.llmd.epp.replication;

/** Says why the bytes are no batch that this version understands. */
final class MalformedBatchException extends Exception {

  private static final long serialVersionUID = 1L;

  MalformedBatchException(String message) {
    super(message);
  }
}
