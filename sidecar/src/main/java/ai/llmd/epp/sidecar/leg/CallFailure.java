package ai.llmd.epp.sidecar.leg;

import ai.llmd.epp.sidecar.proxy.ErrorAnswer;

/** A call ends with an error that the client gets. */
public final class CallFailure extends Exception {

  private static final long serialVersionUID = 1;

  private final transient ErrorAnswer answer;

  public CallFailure(ErrorAnswer answer) {
    super("status " + answer.status(), null, false, false);
    this.answer = answer;
  }

  public ErrorAnswer answer() {
    return answer;
  }
}
