package ai.llmd.epp.acceptance.stack;

/** Where a picker listens: for Envoy, for health checks, for metrics and readiness. */
public record EppPorts(int extProc, int health, int metrics) {

  public static EppPorts free() {
    int first = FreePorts.consecutive(3);
    return new EppPorts(first, first + 1, first + 2);
  }
}
