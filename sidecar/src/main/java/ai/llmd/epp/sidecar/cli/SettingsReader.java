package ai.llmd.epp.sidecar.cli;

import ai.llmd.epp.commandline.Flag;
import ai.llmd.epp.commandline.FlagValues;
import ai.llmd.epp.commandline.GivenFlags;
import ai.llmd.epp.sidecar.cli.SidecarSettings.Stage;
import ai.llmd.epp.sidecar.connector.ConnectorSettings;
import ai.llmd.epp.sidecar.connector.ConnectorSettings.Ec;
import ai.llmd.epp.sidecar.connector.ConnectorSettings.Kv;
import ai.llmd.epp.sidecar.connector.MoriSettings;
import ai.llmd.epp.sidecar.pool.PoolName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes settings of flags and environment, and checks what flags say together. Used once. */
public final class SettingsReader {

  private static final Logger log = LoggerFactory.getLogger(SettingsReader.class);
  private static final int DEFAULT_SGLANG_PORT = 8998;

  private final LayeredFlags flags;
  private final Map<String, String> environment;
  private final List<String> problems = new ArrayList<>();

  private SettingsReader(GivenFlags commandLine, Map<String, String> environment) {
    this.flags = new LayeredFlags(commandLine, SettingsDocument.read(commandLine, problems));
    this.environment = environment;
  }

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException with a line for each thing that is wrong
   */
  public static SidecarSettings read(GivenFlags flags, Map<String, String> environment) {
    SettingsReader reader = new SettingsReader(flags, environment);
    reader.refuse();
    SidecarSettings settings = reader.settings();
    reader.check(settings);
    if (!reader.problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", reader.problems));
    }
    return settings;
  }

  /** What is understood and not done. */
  private void refuse() {
    for (Flag<?> flag : SidecarFlags.ALL) {
      boolean isChanged = flags.has(flag) && !flags.get(flag).equals(flag.initial());
      if (flag.refusal() != null && isChanged) {
        problems.add(flag.name() + ": " + flag.refusal());
      }
    }
    if (flags.get(SidecarFlags.ENABLE_SSRF_PROTECTION)
        && flags.getAll(SidecarFlags.ALLOWED_HOSTS).isEmpty()
        && poolText().isEmpty()) {
      problems.add("--enable-ssrf-protection: needs --inference-pool or --allowed-hosts");
    }
  }

  private String poolText() {
    return orEnvironment(SidecarFlags.INFERENCE_POOL, "INFERENCE_POOL", text -> text);
  }

  /** Null when it is not needed. */
  private @Nullable PoolName pool() {
    String text = poolText();
    if (text.isEmpty()) {
      return null;
    }
    try {
      PoolName pool = PoolName.parse(flags.get(SidecarFlags.POOL_GROUP), text);
      return flags.get(SidecarFlags.ENABLE_SSRF_PROTECTION) ? pool : null;
    } catch (IllegalArgumentException e) {
      problems.add("--inference-pool: " + e.getMessage());
      return null;
    }
  }

  private SidecarSettings settings() {
    String certificates = flags.get(SidecarFlags.CERT_PATH);
    int idle = flags.get(SidecarFlags.MAX_IDLE_CONNS_PER_HOST);
    return new SidecarSettings(
        flags.get(SidecarFlags.PORT),
        modelServerPort(),
        connectors(),
        flags.get(SidecarFlags.SECURE_PROXY),
        certificates.isEmpty() ? null : Path.of(certificates),
        stages(SidecarFlags.ENABLE_TLS),
        stages(SidecarFlags.TLS_INSECURE_SKIP_VERIFY),
        flags.get(SidecarFlags.ENABLE_SSRF_PROTECTION)
            ? flags.getAll(SidecarFlags.ALLOWED_HOSTS)
            : null,
        pool(),
        isSampled(),
        idle > 0 ? idle : SidecarFlags.MAX_IDLE_CONNS_PER_HOST.initial(),
        metricsPort(),
        flags.get(SidecarFlags.TRACING) ? environment : null);
  }

  private int modelServerPort() {
    if (flags.has(SidecarFlags.VLLM_PORT)) {
      log.warn("--vllm-port is deprecated, use --model-server-port");
    }
    return flags.getEither(SidecarFlags.MODEL_SERVER_PORT, SidecarFlags.VLLM_PORT);
  }

  private ConnectorSettings connectors() {
    String kv = flags.getEither(SidecarFlags.KV_CONNECTOR, SidecarFlags.CONNECTOR);
    return new ConnectorSettings(
        Kv.named(kv),
        switch (flags.get(SidecarFlags.EC_CONNECTOR)) {
          case "ec-example" -> Ec.EXAMPLE;
          case "ec-nixl" -> Ec.NIXL;
          default -> Ec.NONE;
        },
        orEnvironment(
            SidecarFlags.MOONCAKE_BOOTSTRAP_PORT, "MOONCAKE_BOOTSTRAP_PORT", SidecarFlags::port),
        sglangPort(),
        orEnvironment(SidecarFlags.P2P_CONNECTOR_PORT, "P2P_CONNECTOR_PORT", SidecarFlags::port),
        flags.get(SidecarFlags.ENABLE_P2P_PULL),
        flags.get(SidecarFlags.PREFILL_MAX_RETRIES),
        flags.get(SidecarFlags.PREFILL_RETRY_BACKOFF),
        flags.get(SidecarFlags.PREFILL_FALLBACK_TIMEOUT),
        flags.get(SidecarFlags.DECODE_CHUNK_SIZE),
        flags.get(SidecarFlags.PORT),
        flags.get(SidecarFlags.DATA_PARALLEL_SIZE),
        environment.getOrDefault("POD_IP", ""),
        mori());
  }

  private MoriSettings mori() {
    Duration wait = flags.get(SidecarFlags.MORIIO_WAIT_TIMEOUT);
    String host = flags.get(SidecarFlags.MORIIO_LOCAL_POD_IP);
    return new MoriSettings(
        flags.get(SidecarFlags.MORIIO_WRITE_MODE),
        flags.get(SidecarFlags.MORIIO_PARALLEL_DISPATCH),
        wait.isPositive() ? wait : SidecarFlags.MORIIO_WAIT_TIMEOUT.initial(),
        host.isEmpty() ? environment.getOrDefault("POD_IP", "") : host,
        flags.get(SidecarFlags.MORIIO_DECODE_NOTIFY_PORT),
        flags.get(SidecarFlags.MORIIO_PREFILL_NOTIFY_PORT),
        flags.get(SidecarFlags.MORIIO_DECODE_HANDSHAKE_PORT),
        flags.get(SidecarFlags.MORIIO_PREFILL_HANDSHAKE_PORT),
        flags.get(SidecarFlags.MORIIO_TP_SIZE),
        flags.get(SidecarFlags.MORIIO_DP_SIZE),
        flags.get(SidecarFlags.MORIIO_DP_SIZE_LOCAL),
        flags.getAll(SidecarFlags.MORIIO_REMOTE_HOSTS),
        flags.getAll(SidecarFlags.MORIIO_DECODE_HOSTS),
        seconds("MORIIO_DNS_RESOLVE_TTL_SECONDS", 30),
        seconds("MORIIO_DNS_RESOLVE_TIMEOUT_SECONDS", 5));
  }

  /** A variable alone; what is no number above 0 is as if it were not there. */
  private Duration seconds(String variable, int otherwise) {
    try {
      return Duration.ofSeconds(
          FlagValues.positive(environment.getOrDefault(variable, "").strip()));
    } catch (IllegalArgumentException e) {
      return Duration.ofSeconds(otherwise);
    }
  }

  private <T> T orEnvironment(Flag<T> flag, String variable, Function<String, T> reader) {
    String text = environment.getOrDefault(variable, "").strip();
    if (flags.has(flag) || text.isEmpty()) {
      return flags.get(flag);
    }
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException e) {
      problems.add("$" + variable + ": " + e.getMessage());
      return flag.initial();
    }
  }

  /** A variable alone, which is not at fault when it is no number. */
  private int sglangPort() {
    try {
      return SidecarFlags.port(environment.getOrDefault("SGLANG_BOOTSTRAP_PORT", "").strip());
    } catch (IllegalArgumentException e) {
      return DEFAULT_SGLANG_PORT;
    }
  }

  private boolean isSampled() {
    return orEnvironment(
        SidecarFlags.ENABLE_PREFILLER_SAMPLING,
        "ENABLE_PREFILLER_SAMPLING",
        SidecarFlags.ENABLE_PREFILLER_SAMPLING.reader()::read);
  }

  private Set<Stage> stages(Flag<List<String>> flag) {
    return flags.getAll(flag).stream()
        .map(name -> Stage.valueOf(name.toUpperCase(Locale.ROOT)))
        .collect(Collectors.toSet());
  }

  private @Nullable Integer metricsPort() {
    int port = flags.get(SidecarFlags.METRICS_PORT);
    String address = environment.getOrDefault("MORIIO_METRICS_ADDR", "").strip();
    if (port == 0 && !address.isEmpty()) {
      try {
        port = SidecarFlags.port(address.substring(address.lastIndexOf(':') + 1));
      } catch (IllegalArgumentException e) {
        problems.add("$MORIIO_METRICS_ADDR: " + e.getMessage());
      }
    }
    return port == 0 ? null : port;
  }

  private void check(SidecarSettings settings) {
    ConnectorSettings connectors = settings.connectors();
    checkLastPort("--port", settings.port(), settings.ranks());
    checkLastPort("--model-server-port", settings.modelServerPort(), settings.ranks());
    checkLastPort("--p2p-connector-port", connectors.p2pPort(), settings.ranks());
    problemIf(
        connectors.isPulling() && connectors.kv() != Kv.NIXL_V2,
        "--enable-p2p-pull: goes with --kv-connector=nixlv2 alone");
    problemIf(
        connectors.longestPrefill().isNegative(), "--prefill-fallback-timeout: must be 0 or more");
    problemIf(
        connectors.longestPrefill().isPositive()
            && (connectors.kv() == Kv.SGLANG
                || connectors.kv() == Kv.OFFLOADING
                || connectors.mori().isParallel()),
        "--prefill-fallback-timeout: goes with a connector that waits for the prefill server:"
            + " nixlv2 without --moriio-parallel-dispatch, shared-storage, mooncake");
    problemIf(
        connectors.prefillRetries() > 0 && !connectors.prefillBackoff().isPositive(),
        "--prefill-retry-backoff: must be above 0 with --prefill-max-retries");
    MoriSettings mori = connectors.mori();
    problemIf(
        mori.isParallel() && !mori.isWriting(),
        "--moriio-parallel-dispatch: needs --moriio-write-mode");
    problemIf(
        mori.isWriting() && connectors.kv() != Kv.NIXL_V2,
        "--moriio-write-mode: goes with --kv-connector=nixlv2 alone");
    problemIf(
        mori.isWriting() && mori.localHost().isEmpty(),
        "--moriio-write-mode: needs --moriio-local-pod-ip or $POD_IP");
    checkHosts("--moriio-remote-hosts", mori.prefillHosts(), mori);
    checkHosts("--moriio-decode-hosts", mori.decodeHosts(), mori);
  }

  private void checkLastPort(String flag, int first, int ranks) {
    problemIf(
        first + ranks - 1 > SidecarFlags.MAX_PORT,
        flag
            + ": the last of "
            + ranks
            + " ranks would have a port above "
            + SidecarFlags.MAX_PORT);
  }

  private void checkHosts(String flag, List<String> hosts, MoriSettings mori) {
    boolean isEven =
        mori.localRanks() > 0
            && mori.ranks() % mori.localRanks() == 0
            && mori.ranks() / mori.localRanks() == hosts.size();
    problemIf(
        hosts.size() > 1 && !isEven,
        flag + ": the hosts times --moriio-dp-size-local must be --moriio-dp-size");
  }

  private void problemIf(boolean isOne, String problem) {
    if (isOne) {
      problems.add(problem);
    }
  }
}
