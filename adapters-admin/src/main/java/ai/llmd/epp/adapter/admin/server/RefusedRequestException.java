package ai.llmd.epp.adapter.admin.server;

/** What a reader sent is no request that can be answered. */
final class RefusedRequestException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param status to answer with
   * @param reason for the reader
   */
  RefusedRequestException(int status, String reason) {
    super(reason, null, false, false);
    this.status = status;
  }

  int status() {
    return status;
  }
}
