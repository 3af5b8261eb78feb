package ai.llmd.epp.adapter.extproc.transport;

/** What the peer did ends the connection. */
final class Http2Failure extends Exception {

  private static final long serialVersionUID = 1;

  private final int code;
  private final String reason;

  /**
   * @param code of RFC 9113, section 7
   */
  Http2Failure(int code, String reason) {
    super(reason, null, false, false); // peers cause it at will
    this.code = code;
    this.reason = reason;
  }

  /** In plain ASCII, short. */
  String reason() {
    return reason;
  }

  int code() {
    return code;
  }
}
