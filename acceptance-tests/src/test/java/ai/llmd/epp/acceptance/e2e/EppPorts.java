package ai.llmd.epp.acceptance.e2e;

/** Where a picker listens: for Envoy, for health checks, for metrics and readiness. */
record EppPorts(int extProc, int health, int metrics) {

  static EppPorts free() {
    int first = FreePorts.consecutive(3);
    return new EppPorts(first, first + 1, first + 2);
  }
}
