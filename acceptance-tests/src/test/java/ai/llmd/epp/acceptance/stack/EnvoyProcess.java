package ai.llmd.epp.acceptance.stack;

import ai.llmd.epp.bootstrap.Checkout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Envoy with one of the templates of {@code deploy/envoy}. */
public final class EnvoyProcess implements AutoCloseable {

  private final ChildProcess process;
  private final Client gateway;
  private final Client admin;

  private EnvoyProcess(ChildProcess process, Client gateway, Client admin) {
    this.process = process;
    this.gateway = gateway;
    this.admin = admin;
  }

  /** Returns when Envoy accepts requests. */
  static EnvoyProcess start(
      EnvoyMode mode, EppPorts epp, boolean tls, List<Integer> models, Path folder) {
    return start(mode, List.of(epp), tls, models, folder);
  }

  /** Returns when Envoy accepts requests, which it shows to the pickers in turn. */
  static EnvoyProcess start(
      EnvoyMode mode, List<EppPorts> pickers, boolean tls, List<Integer> models, Path folder) {
    int gatewayPort = FreePorts.one();
    int adminPort = FreePorts.one();
    Map<String, Object> values = new HashMap<>();
    values.put("GATEWAY_PORT", gatewayPort);
    values.put("ADMIN_PORT", adminPort);
    values.put(
        "PICKERS",
        pickers.stream()
            .map(picker -> picker(picker, tls))
            .collect(Collectors.joining(", ", "[", "]")));
    values.put(
        "MODEL_SERVERS",
        models.stream().map(EnvoyProcess::address).collect(Collectors.joining(", ", "[", "]")));
    Path config = Checkout.fill(mode.template(), values, folder.resolve("envoy.yaml"));
    ChildProcess process =
        ChildProcess.start(
            "envoy",
            folder,
            List.of(
                EnvoyBinary.require(),
                "-c",
                config.toString(),
                "--disable-hot-restart",
                "--concurrency",
                "2",
                "-l",
                "warning"));
    EnvoyProcess envoy = new EnvoyProcess(process, new Client(gatewayPort), new Client(adminPort));
    process.awaitReady(() -> envoy.admin.isOk("/ready"));
    return envoy;
  }

  private static String picker(EppPorts ports, boolean tls) {
    return """
    {endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}, \
    health_check_config: {port_value: %d}}, \
    metadata: {filter_metadata: {envoy.transport_socket_match: {tls: %s}}}}\
    """
        .formatted(ports.extProc(), ports.health(), tls);
  }

  private static String address(int port) {
    return "{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: "
        + port
        + "}}}}";
  }

  /** Talks to the picked model servers. */
  public Client gateway() {
    return gateway;
  }

  /** Messages to the picker that failed and were passed over, because the mode allows it. */
  public long bypassedPicker() {
    return counter("http.gateway.ext_proc.failure_mode_allowed");
  }

  /** Connections that Envoy holds to a model server. */
  public long connectionsTo(int modelPort) {
    return admin
        .get("/clusters")
        .body()
        .lines()
        .filter(line -> line.contains("127.0.0.1:" + modelPort + "::cx_active::"))
        .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(':') + 1)))
        .sum();
  }

  private long counter(String name) {
    return admin
        .get("/stats?filter=" + name)
        .body()
        .lines()
        .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Override
  public void close() {
    process.close();
  }
}
