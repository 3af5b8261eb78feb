package ai.llmd.epp.acceptance.sidecar;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.SidecarProcess;
import ai.llmd.epp.acceptance.stack.SimulatorProcess;
import ai.llmd.epp.acceptance.stack.Stack;
import ai.llmd.epp.bootstrap.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Servers for prompts, two for answers with a sidecar each, the picker and Envoy. */
final class Disaggregation implements AutoCloseable {

  private final Stack stack;
  private final List<SimulatorProcess> prefill = new ArrayList<>();
  private final SimulatorProcess decode;
  private final List<SidecarProcess> sidecars = new ArrayList<>();
  private final EnvoyProcess envoy;

  private Disaggregation(
      String pickerConfiguration, Wiring wiring, int prefillServers, String... sidecarFlags) {
    stack = Stack.empty("sidecar-" + wiring, false);
    try {
      for (int i = 0; i < prefillServers; i++) {
        prefill.add(stack.startSimulator(1, "2ms", wiring.prefillFlags()));
      }
      int firstPrefill = prefill.getFirst().ports().getFirst();
      decode = stack.startSimulator(2, "2ms", wiring.decodeFlags());
      List<String> flags = new ArrayList<>(wiring.sidecarFlags(firstPrefill));
      flags.addAll(List.of(sidecarFlags));
      for (int port : decode.ports()) {
        sidecars.add(stack.startSidecar(port, wiring.variables(firstPrefill), flags));
      }
      List<Integer> decoding = sidecars.stream().map(SidecarProcess::port).toList();
      List<Integer> prefilling = prefill.stream().map(server -> server.ports().getFirst()).toList();
      stack.endpoints().listByRole(Map.of("decode", decoding, "prefill", prefilling));
      stack.startEpp(pickerConfiguration, List.of());
      List<Integer> endpoints = new ArrayList<>(decoding);
      endpoints.addAll(prefilling);
      envoy = stack.startEnvoy(EnvoyMode.FULL, endpoints);
    } catch (RuntimeException | Error failed) {
      try {
        stack.close();
      } catch (Exception closing) {
        failed.addSuppressed(closing);
      }
      throw failed;
    }
  }

  static Disaggregation start(Wiring wiring, int prefillServers, String... sidecarFlags) {
    return new Disaggregation(configuration(), wiring, prefillServers, sidecarFlags);
  }

  /** With a picker that goes on sending prompts to a server that fails. */
  static Disaggregation startWithoutHealth(
      Wiring wiring, int prefillServers, String... sidecarFlags) {
    String configuration = configuration() + "endpointHealth: {enabled: false}\n";
    return new Disaggregation(configuration, wiring, prefillServers, sidecarFlags);
  }

  private static String configuration() {
    try {
      return Files.readString(Checkout.file("deploy/epp/disaggregation.yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Client gateway() {
    return envoy.gateway();
  }

  SimulatorProcess prefill(int server) {
    return prefill.get(server);
  }

  List<Integer> decodePorts() {
    return decode.ports();
  }

  /** Requests for prompts, over all servers that compute them. */
  long promptsAsked() {
    return prefill.stream().mapToLong(server -> server.stat(0, "/requests")).sum();
  }

  /** The sum of a counter of the servers that answer. */
  long decoded(String counter) {
    return decode.stat(0, counter) + decode.stat(1, counter);
  }

  /** Prompts that sidecars had computed in their pods, for any of these reasons. */
  long fallbacks(String... reasons) {
    long sum = 0;
    for (SidecarProcess sidecar : sidecars) {
      for (String reason : reasons) {
        String value =
            sidecar.metric("llm_d_sidecar_prefill_fallbacks_total{reason=\"" + reason + "\"}");
        sum += value.isEmpty() ? 0 : Long.parseLong(value);
      }
    }
    return sum;
  }

  @Override
  public void close() throws Exception {
    stack.close();
  }
}
