package ai.llmd.epp.domain.routing;

import ai.llmd.epp.domain.routing.RoutingDecision.Reason;

/** Thrown by a plugin that refuses a request for a reason other than its own failure. */
public final class RequestRefused extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final String detail;

  /**
   * @param detail a sentence for client and operator, without anything of the prompt
   */
  public RequestRefused(Reason reason, String detail) {
    super(detail);
    this.reason = reason;
    this.detail = detail;
  }

  public Reason reason() {
    return reason;
  }

  public String detail() {
    return detail;
  }
}
