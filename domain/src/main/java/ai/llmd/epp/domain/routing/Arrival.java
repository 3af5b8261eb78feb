package ai.llmd.epp.domain.routing;

/** Whether a request reached the server that it was sent to, as far as its response shows. */
public final class Arrival {

  private static final String STATUS = ":status";

  /** Of Envoy: on what came from the server, unless its operator suppresses it. */
  private static final String SERVER_TIME = "x-envoy-upstream-service-time";

  private Arrival() {}

  /**
   * Whether the gateway could not hand the request over, or as good as that: the server has nothing
   * of it. A 504 is none of these, the server was at it.
   */
  public static boolean failed(ResponseHead head) {
    String status = head.header(STATUS);
    return ("502".equals(status) || "503".equals(status)) && head.header(SERVER_TIME) == null;
  }
}
