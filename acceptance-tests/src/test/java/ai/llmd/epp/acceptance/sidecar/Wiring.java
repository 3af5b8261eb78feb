package ai.llmd.epp.acceptance.sidecar;

import java.util.List;

/** How blocks get from the server of the prompt to that of the answer: flags of all programs. */
enum Wiring {
  NIXL("nixlv2", "NixlConnector"),
  MORI_SERIAL("nixlv2", "MoRIIOConnector"),
  MORI_PARALLEL("nixlv2", "MoRIIOConnector"),
  MOONCAKE("mooncake", "MooncakeConnector"),
  OFFLOADING("offloading", "OffloadingConnector"),
  SGLANG("sglang", ""),
  SHARED_STORAGE("shared-storage", "");

  private final String connector;
  private final String engineConnector;

  Wiring(String connector, String engineConnector) {
    this.connector = connector;
    this.engineConnector = engineConnector;
  }

  /** Whether the simulator exchanges blocks with this one. */
  boolean hasTransfers() {
    return this != SHARED_STORAGE;
  }

  List<String> prefillFlags() {
    return engineFlags("prefill");
  }

  List<String> decodeFlags() {
    return engineFlags("decode");
  }

  private List<String> engineFlags(String mode) {
    return switch (this) {
      case SGLANG -> List.of("--disaggregation-mode", mode);
      case SHARED_STORAGE -> List.of();
      default -> List.of("--kv-transfer-config", "{\"kv_connector\": \"" + engineConnector + "\"}");
    };
  }

  /** The simulator's port is its bootstrap, handshake and P2P port, too. */
  List<String> sidecarFlags(int prefillPort) {
    String kv = "--kv-connector=" + connector;
    return switch (this) {
      case MOONCAKE -> List.of(kv, "--mooncake-bootstrap-port=" + prefillPort);
      case OFFLOADING -> List.of(kv, "--p2p-connector-port=" + prefillPort);
      case MORI_SERIAL -> List.of(kv, "--moriio-write-mode", "--moriio-local-pod-ip=127.0.0.1");
      case MORI_PARALLEL ->
          List.of(
              kv,
              "--moriio-write-mode",
              "--moriio-parallel-dispatch",
              "--moriio-local-pod-ip=127.0.0.1",
              "--moriio-prefill-handshake-port=" + prefillPort);
      default -> List.of(kv);
    };
  }

  /** Of the sidecar's environment. */
  List<String> variables(int prefillPort) {
    return List.of("SGLANG_BOOTSTRAP_PORT=" + prefillPort);
  }
}
