package ai.llmd.epp.sidecar.cli;

import ai.llmd.epp.commandline.Flag;
import ai.llmd.epp.commandline.FlagValues;
import ai.llmd.epp.sidecar.connector.ConnectorSettings.Kv;
import ai.llmd.epp.sidecar.logging.LogTimes;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** The flag table; names and defaults are the reference's. */
public final class SidecarFlags {

  static final int DEFAULT_MODEL_SERVER_PORT = 8200;
  static final int MAX_PORT = 65_535;
  private static final List<String> STAGES = List.of("prefiller", "decoder", "encoder");

  static final Flag<Integer> PORT =
      port("--port", 8000, "Port to listen on, of rank 0; further ranks have the ports behind it.");
  static final Flag<Integer> MODEL_SERVER_PORT =
      port(
          "--model-server-port",
          DEFAULT_MODEL_SERVER_PORT,
          "Port of the model server in this pod, of rank 0; further ranks have the ports behind"
              + " it.");
  static final Flag<Integer> VLLM_PORT =
      port("--vllm-port", DEFAULT_MODEL_SERVER_PORT, "Older name of --model-server-port.");
  static final Flag<Integer> DATA_PARALLEL_SIZE =
      Flag.of(
          "--data-parallel-size",
          "N",
          1,
          FlagValues::positive,
          "Ranks of the model server, each behind a port of its own.");
  static final Flag<String> KV_CONNECTOR =
      Flag.of(
          "--kv-connector",
          String.join("|", Kv.flags()),
          Kv.NIXL_V2.flag(),
          text -> FlagValues.choice(text, Kv.flags()),
          "How the cache of a prompt gets from the prefill server to the model server here.");
  static final Flag<String> CONNECTOR =
      Flag.of(
          "--connector",
          "NAME",
          "",
          text -> FlagValues.choice(text, Kv.flags()),
          "Older name of --kv-connector.");
  static final Flag<String> EC_CONNECTOR =
      Flag.of(
          "--ec-connector",
          "ec-example|ec-nixl",
          "",
          text -> text.isEmpty() ? "" : FlagValues.choice(text, List.of("ec-example", "ec-nixl")),
          "How encodings of pictures, sounds and films get from the encoders to the other servers;"
              + " empty when they are not encoded elsewhere.");
  static final Flag<Integer> MOONCAKE_BOOTSTRAP_PORT =
      port(
          "--mooncake-bootstrap-port",
          8998,
          "Port of prefill servers that tells the ids of their engines, with the connector"
              + " mooncake. $MOONCAKE_BOOTSTRAP_PORT counts when the flag is not given.");
  static final Flag<Integer> P2P_CONNECTOR_PORT =
      port(
          "--p2p-connector-port",
          7777,
          "Port of the engines' peer-to-peer tier, of rank 0. $P2P_CONNECTOR_PORT counts when the"
              + " flag is not given.");
  static final Flag<Boolean> ENABLE_P2P_PULL =
      Flag.bool(
          "--enable-p2p-pull",
          false,
          "With nixlv2, prefill servers fetch what the server in x-kv-cache-source-host-port has"
              + " cached of a prompt.");
  static final Flag<Boolean> SECURE_PROXY =
      Flag.bool("--secure-proxy", true, "Whether clients have to use TLS.");
  static final Flag<String> CERT_PATH =
      Flag.text(
          "--cert-path",
          "",
          "Folder of tls.crt and tls.key, which is followed; empty for a self-signed certificate.");
  static final Flag<List<String>> ENABLE_TLS =
      stages("--enable-tls", "Stages whose servers are asked over TLS: " + STAGES + ".");
  static final Flag<List<String>> TLS_INSECURE_SKIP_VERIFY =
      stages(
          "--tls-insecure-skip-verify",
          "Stages whose servers may show any certificate: " + STAGES + ".");
  static final Flag<Boolean> ENABLE_SSRF_PROTECTION =
      Flag.bool(
          "--enable-ssrf-protection",
          false,
          "Whether only pods of --inference-pool and servers of --allowed-hosts may be named in a"
              + " request's headers.");
  static final Flag<List<String>> ALLOWED_HOSTS =
      texts(
          "--allowed-hosts",
          "Names, numbers, or ranges of numbers as 10.0.0.0/8, of the servers that may be named in"
              + " headers, with --enable-ssrf-protection.");
  static final Flag<String> INFERENCE_POOL =
      Flag.text(
          "--inference-pool",
          "",
          "The InferencePool, as namespace/name or a name in the namespace default, whose pods may"
              + " be named in headers, with --enable-ssrf-protection. $INFERENCE_POOL counts when"
              + " the flag is not given.");
  static final Flag<String> POOL_GROUP =
      Flag.of(
          "--pool-group",
          "GROUP",
          "inference.networking.k8s.io",
          text ->
              FlagValues.choice(
                  text, List.of("inference.networking.k8s.io", "inference.networking.x-k8s.io")),
          "API group of the InferencePool.");
  static final Flag<Boolean> ENABLE_PREFILLER_SAMPLING =
      Flag.bool(
          "--enable-prefiller-sampling",
          false,
          "Whether one of several prefill servers in a header is drawn, instead of the first."
              + " $ENABLE_PREFILLER_SAMPLING counts when the flag is not given.");
  static final Flag<Integer> MAX_IDLE_CONNS_PER_HOST =
      Flag.number(
          "--max-idle-conns-per-host",
          1024,
          "Connections to each model server that are kept for further requests; 0 or less for"
              + " 1024.");
  static final Flag<Integer> PREFILL_MAX_RETRIES =
      Flag.of(
          "--prefill-max-retries",
          "N",
          0,
          FlagValues::natural,
          "With nixlv2, how often a prefill server that answers 502, 503 or 504, or not at all, is"
              + " asked again.");
  static final Flag<Duration> PREFILL_RETRY_BACKOFF =
      Flag.duration(
          "--prefill-retry-backoff", Duration.ofMillis(200), "Time before each such retry.");
  static final Flag<Duration> PREFILL_FALLBACK_TIMEOUT =
      Flag.duration(
          "--prefill-fallback-timeout",
          Duration.ZERO,
          "How long a prefill server may take, retries included. When it does not answer in time,"
              + " cannot be reached, or answers 5xx or what is no JSON, the prompt is computed by"
              + " the model server in the pod. 0 gives errors to the client, and waits without an"
              + " end. Of mooncake, for its bootstrap port.");
  static final Flag<Integer> DECODE_CHUNK_SIZE =
      Flag.of(
          "--decode-chunk-size",
          "N",
          0,
          FlagValues::natural,
          "Tokens of each piece in which answers to chats are made; 0 to have them made at once.");
  static final Flag<Integer> METRICS_PORT =
      Flag.of(
          "--metrics-port",
          "N",
          0,
          SidecarFlags::portOrNone,
          "Port of the sidecar's own metrics; 0 for none. $MORIIO_METRICS_ADDR, as :9090, counts"
              + " when it is 0.");
  static final Flag<Boolean> MORIIO_WRITE_MODE =
      Flag.bool(
          "--moriio-write-mode",
          false,
          "With nixlv2, engines write their blocks to another's memory (MoRI-IO).");
  static final Flag<Boolean> MORIIO_PARALLEL_DISPATCH =
      Flag.bool(
          "--moriio-parallel-dispatch",
          false,
          "With --moriio-write-mode, both servers are asked at once.");
  static final Flag<Duration> MORIIO_WAIT_TIMEOUT =
      Flag.duration(
          "--moriio-parallel-decode-wait-timeout",
          Duration.ofSeconds(30),
          "How long the prefill server may take then; 0 or less for 30 s.");
  static final Flag<String> MORIIO_LOCAL_POD_IP =
      Flag.text(
          "--moriio-local-pod-ip",
          "",
          "This pod's address as prefill servers reach it. Default: $POD_IP");
  static final Flag<Integer> MORIIO_DECODE_NOTIFY_PORT =
      port("--moriio-decode-notify-port", 61_005, "Where decode engines are notified.");
  static final Flag<Integer> MORIIO_PREFILL_NOTIFY_PORT =
      port("--moriio-prefill-notify-port", 61_005, "Where prefill engines are notified.");
  static final Flag<Integer> MORIIO_DECODE_HANDSHAKE_PORT =
      port("--moriio-decode-handshake-port", 6301, "Where decode engines shake hands.");
  static final Flag<Integer> MORIIO_PREFILL_HANDSHAKE_PORT =
      port("--moriio-prefill-handshake-port", 6301, "Where prefill engines shake hands.");
  static final Flag<Integer> MORIIO_TP_SIZE =
      Flag.of("--moriio-tp-size", "N", 1, FlagValues::positive, "Tensor-parallel size.");
  static final Flag<Integer> MORIIO_DP_SIZE =
      Flag.of(
          "--moriio-dp-size",
          "N",
          1,
          FlagValues::positive,
          "Data-parallel ranks of all pods together.");
  static final Flag<Integer> MORIIO_DP_SIZE_LOCAL =
      Flag.of(
          "--moriio-dp-size-local",
          "N",
          0,
          FlagValues::natural,
          "Data-parallel ranks of each pod.");
  static final Flag<List<String>> MORIIO_REMOTE_HOSTS =
      texts("--moriio-remote-hosts", "The pods of the prefill side.");
  static final Flag<List<String>> MORIIO_DECODE_HOSTS =
      texts("--moriio-decode-hosts", "The pods of the decode side.");
  static final Flag<String> CONFIGURATION =
      Flag.text(
          "--configuration",
          "",
          "Settings as a YAML text; keys are names of flags, and what is given as a flag counts.");
  static final Flag<String> CONFIGURATION_FILE =
      Flag.text("--configuration-file", "", "A file of such a text, instead of --configuration.");
  static final Flag<Boolean> TRACING =
      Flag.bool(
          "--tracing",
          false,
          "Records traces; variables of OpenTelemetry (OTEL_TRACES_EXPORTER and others) say where"
              + " they go.");
  static final Flag<String> LOG_LEVEL =
      Flag.of(
          "--zap-log-level",
          "debug|info|warn|error",
          "info",
          SidecarFlags::logLevel,
          "What is logged; a number above 0 stands for debug.");
  static final Flag<String> LOG_ENCODER =
      Flag.of(
          "--zap-encoder",
          "json|console",
          "json",
          text -> FlagValues.choice(text, List.of("json", "console")),
          "Form of the log.");
  static final Flag<Boolean> LOG_DEVEL =
      Flag.bool("--zap-devel", false, "Console form and level debug, unless flags say otherwise.");
  static final Flag<String> LOG_STACK_TRACES =
      Flag.text("--zap-stacktrace-level", "", "Accepted: stack traces come with errors.");
  static final Flag<String> LOG_TIMES =
      Flag.of(
          "--zap-time-encoding",
          "epoch|millis|nano|iso8601|rfc3339|rfc3339nano",
          "epoch",
          text -> FlagValues.choice(text, LogTimes.NAMES),
          "Form of times in lines of JSON; epoch is seconds since 1970.");

  /** In the order of the usage text. */
  public static final List<Flag<?>> ALL =
      List.of(
          PORT,
          MODEL_SERVER_PORT,
          VLLM_PORT,
          DATA_PARALLEL_SIZE,
          KV_CONNECTOR,
          CONNECTOR,
          EC_CONNECTOR,
          MOONCAKE_BOOTSTRAP_PORT,
          P2P_CONNECTOR_PORT,
          ENABLE_P2P_PULL,
          SECURE_PROXY,
          CERT_PATH,
          ENABLE_TLS,
          TLS_INSECURE_SKIP_VERIFY,
          ENABLE_SSRF_PROTECTION,
          ALLOWED_HOSTS,
          INFERENCE_POOL,
          POOL_GROUP,
          ENABLE_PREFILLER_SAMPLING,
          MAX_IDLE_CONNS_PER_HOST,
          PREFILL_MAX_RETRIES,
          PREFILL_RETRY_BACKOFF,
          PREFILL_FALLBACK_TIMEOUT,
          DECODE_CHUNK_SIZE,
          METRICS_PORT,
          MORIIO_WRITE_MODE,
          MORIIO_PARALLEL_DISPATCH,
          MORIIO_WAIT_TIMEOUT,
          MORIIO_LOCAL_POD_IP,
          MORIIO_DECODE_NOTIFY_PORT,
          MORIIO_PREFILL_NOTIFY_PORT,
          MORIIO_DECODE_HANDSHAKE_PORT,
          MORIIO_PREFILL_HANDSHAKE_PORT,
          MORIIO_TP_SIZE,
          MORIIO_DP_SIZE,
          MORIIO_DP_SIZE_LOCAL,
          MORIIO_REMOTE_HOSTS,
          MORIIO_DECODE_HOSTS,
          CONFIGURATION,
          CONFIGURATION_FILE,
          TRACING,
          LOG_LEVEL,
          LOG_ENCODER,
          LOG_DEVEL,
          LOG_STACK_TRACES,
          LOG_TIMES);

  private SidecarFlags() {}

  private static Flag<Integer> port(String name, int initial, String description) {
    return Flag.of(name, "N", initial, SidecarFlags::port, description);
  }

  static int port(String text) {
    int port = portOrNone(text);
    if (port == 0) {
      throw new IllegalArgumentException("must be between 1 and 65535, was 0");
    }
    return port;
  }

  static int portOrNone(String text) {
    int port = FlagValues.natural(text);
    if (port > MAX_PORT) {
      throw new IllegalArgumentException("must be between 1 and 65535, was " + port);
    }
    return port;
  }

  private static Flag<List<String>> texts(String name, String description) {
    return Flag.of(name, "A,B,…", List.of(), FlagValues::texts, description);
  }

  private static Flag<List<String>> stages(String name, String description) {
    return Flag.of(
        name,
        "A,B,…",
        List.of(),
        text -> FlagValues.texts(text).stream().map(s -> FlagValues.choice(s, STAGES)).toList(),
        description);
  }

  private static String logLevel(String text) {
    if (text.matches("[1-9]\\d*")) {
      return "debug";
    }
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "debug", "info", "warn", "error" -> text.toLowerCase(Locale.ROOT);
      case "panic", "fatal", "dpanic" -> "error";
      default ->
          throw new IllegalArgumentException(
              "must be one of debug, info, warn, error, was \"" + text + '"');
    };
  }
}
