package ai.llmd.epp.cli;

import ai.llmd.epp.adapter.k8s.LabelSelector;
import ai.llmd.epp.commandline.GivenFlags;
import java.util.List;
import java.util.Map;

/** Reads the flags of how endpoints are found in Kubernetes. Used once. */
final class KubernetesReader {

  private static final int MAX_PORTS = 8;

  private final GivenFlags given;
  private final Map<String, String> environment;
  private final List<String> errors;

  /**
   * @param errors receives what cannot be used
   */
  KubernetesReader(GivenFlags given, Map<String, String> environment, List<String> errors) {
    this.given = given;
    this.environment = environment;
    this.errors = errors;
  }

  Options.Kubernetes read() {
    String selector = given.get(Flags.ENDPOINT_SELECTOR);
    List<Integer> ports = given.getAll(Flags.TARGET_PORTS);
    ports.forEach(this::checkPort);
    if (!selector.isEmpty()) {
      checkSelector(selector);
      if (ports.isEmpty() || ports.size() > MAX_PORTS) {
        errors.add(
            Flags.TARGET_PORTS
                + ": 1 to 8 ports are needed with "
                + Flags.ENDPOINT_SELECTOR
                + ", were "
                + ports.size());
      }
    }
    return new Options.Kubernetes(
        selector,
        selector.isEmpty() ? List.of() : ports,
        environment.getOrDefault("POD_NAME", ""),
        environment.getOrDefault("KUBECONFIG", ""),
        given.get(Flags.LEADER_ELECTION));
  }

  private void checkPort(int port) {
    if (port < 0 || port > 65_535) {
      errors.add(Flags.TARGET_PORTS + ": must be within 0 and 65535, was " + port);
    }
  }

  private void checkSelector(String selector) {
    try {
      LabelSelector.parse(selector);
    } catch (IllegalArgumentException e) {
      errors.add(Flags.ENDPOINT_SELECTOR + ": " + e.getMessage());
    }
  }
}
