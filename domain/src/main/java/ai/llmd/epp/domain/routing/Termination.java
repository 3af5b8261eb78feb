package ai.llmd.epp.domain.routing;

/** How a routed request ended. */
public enum Termination {
  /** The response came to its end. */
  NATURAL("natural"),
  /** The picker took the request back. */
  EVICTED("evicted"),
  /** The client, or Envoy for it, went away. */
  CLIENT_DISCONNECT("client-disconnect"),
  /** Anything else. */
  ERROR("error");

  private final String label;

  Termination(String label) {
    this.label = label;
  }

  /** As shown in records and metrics. */
  public String label() {
    return label;
  }
}
