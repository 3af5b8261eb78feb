package ai.llmd.epp.cli;

import ai.llmd.epp.commandline.Flag;
import ai.llmd.epp.commandline.FlagValues;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Every flag there is: those of the reference with its names and defaults, then our own. A flag
 * that has been removed is refused; one that has no effect is accepted.
 */
final class Flags {

  private static final String ENGINE_METRICS = "use engineConfigs of core-metrics-extractor";

  // what to run
  static final Flag<String> CONFIG_FILE =
      Flag.text("--config-file", "", "Configuration file, YAML or JSON.");
  static final Flag<String> CONFIG_TEXT =
      Flag.text("--config-text", "", "Configuration as text; excludes --config-file.");
  static final Flag<Boolean> RELOAD_CONFIG =
      Flag.bool("--reload-config", true, "Apply changes of files while running.");
  static final Flag<List<String>> FEATURE_GATES =
      Flag.of(
          "--feature-gates",
          "NAME[=true|false][,…]",
          List.of(),
          FlagValues::texts,
          "As featureGates of the configuration, which it overrides.");
  static final Flag<Boolean> ALLOW_EXPERIMENTAL =
      Flag.bool("--allow-experimental-plugins", false, "Permit alpha plugins.");
  static final Flag<Boolean> VALIDATE =
      Flag.bool("--validate", false, "Check flags and configuration, print all errors, and exit.");
  static final Flag<Boolean> EXPLAIN_CONFIG =
      Flag.bool("--explain-config", false, "Print the configuration with every default, and exit.");

  // objectives and rewrites
  static final Flag<String> OBJECTIVES_FILE =
      Flag.text("--objectives-file", "", "InferenceObjectives, YAML or JSON; not in Kubernetes.");
  static final Flag<String> REWRITES_FILE =
      Flag.text("--rewrites-file", "", "InferenceModelRewrites, YAML or JSON; not in Kubernetes.");

  // the pool
  static final Flag<String> POOL_NAME =
      Flag.text("--pool-name", "", "Name of the InferencePool, or of a pool without Kubernetes.");
  static final Flag<String> POOL_NAMESPACE =
      Flag.text("--pool-namespace", "", "Namespace of the pool; else NAMESPACE, else default.");
  static final Flag<String> POOL_GROUP =
      Flag.text(
          "--pool-group",
          "inference.networking.k8s.io",
          "API group of the pool, as a poolRef names it.");
  static final Flag<String> ENDPOINT_SELECTOR =
      Flag.text("--endpoint-selector", "", "Pods by their labels, instead of a pool (Kubernetes).");
  static final Flag<List<Integer>> TARGET_PORTS =
      Flag.of(
          "--endpoint-target-ports",
          "PORT[,PORT…]",
          List.of(),
          FlagValues::integers,
          "Ports of selected pods, 1 to 8; ignored without --endpoint-selector.");
  static final Flag<Boolean> DISABLE_SUBSET_FILTER =
      Flag.bool(
          "--disable-endpoint-subset-filter", false, "Ignore the subset hint of the gateway.");

  // the ext_proc server
  static final Flag<Integer> GRPC_PORT = Flag.number("--grpc-port", 9002, "Port of ext_proc.");
  static final Flag<Integer> HEALTH_PORT =
      Flag.number("--grpc-health-port", 9003, "Port of the gRPC health service.");
  static final Flag<Boolean> HEALTH_CHECKING =
      Flag.bool("--health-checking", false, "Serve gRPC health on the ext_proc port as well.");
  static final Flag<String> MAX_RECEIVED =
      Flag.text("--grpc-max-recv-msg-size", "", "Largest gRPC message in, as 10MiB; else 4 MiB.");
  static final Flag<String> MAX_SENT =
      Flag.text(
          "--grpc-max-send-msg-size",
          "",
          "Accepted for compatibility; answers have at most 62000 bytes of a body each.");
  static final Flag<Boolean> SECURE_SERVING =
      Flag.bool("--secure-serving", true, "TLS on the ext_proc port.");
  static final Flag<String> CERT_PATH =
      Flag.text("--cert-path", "", "Folder with tls.crt and tls.key; else self-signed.");
  static final Flag<Boolean> CERT_RELOAD =
      Flag.bool("--enable-cert-reload", false, "Reload the certificate when its files change.");
  static final Flag<String> TLS_MIN_VERSION =
      Flag.text("--tls-min-version", "", "VersionTLS10, …11, …12 or …13; else 12.");
  static final Flag<List<String>> TLS_CIPHERS =
      Flag.of(
          "--tls-cipher-suites",
          "NAME[,NAME…]",
          List.of(),
          FlagValues::texts,
          "Cipher suites up to TLS 1.2, by their IANA names.");
  static final Flag<Boolean> EMIT_SCORES =
      Flag.bool("--emit-endpoint-scores", false, "Send scores as dynamic metadata.");
  static final Flag<Boolean> STREAM_METRICS =
      Flag.bool("--enable-grpc-stream-metrics", false, "Count and time ext_proc streams.");
  static final Flag<Duration> DRAIN_TIMEOUT =
      Flag.duration(
          "--drain-timeout",
          Duration.ofSeconds(30),
          "After SIGTERM, how long open streams may last; new ones are taken for 3 s.");

  /** A value of the flag after it. */
  static final String LEAN = "lean";

  static final Flag<String> GRPC_SERVER =
      Flag.of(
          "--grpc-server",
          "lean|grpc-java",
          LEAN,
          text -> FlagValues.choice(text, List.of(LEAN, "grpc-java")),
          "What serves ext_proc: a server made for this service, or gRPC's own, at more cost.");
  static final Flag<Duration> WARM_UP_TIME =
      Flag.duration(
          "--warm-up-time",
          Duration.ofMillis(500),
          "How long at most the program exercises the way of a request, on copies, before it is"
              + " ready; 0 for not at all.");

  // metrics
  static final Flag<Integer> METRICS_PORT = Flag.number("--metrics-port", 9090, "Port of metrics.");
  static final Flag<String> METRICS_ADDRESS =
      Flag.text(
          "--metrics-bind-address", "", "Address of the interface for metrics; else all of them.");
  static final Flag<Boolean> METRICS_AUTH =
      Flag.bool(
          "--metrics-endpoint-auth",
          true,
          "Ask Kubernetes who may read metrics; no effect where endpoints come from a file.");
  static final Flag<String> METRICS_CERT_DIR =
      Flag.text(
          "--metrics-cert-dir", "", "Folder with tls.crt and tls.key; TLS on the metrics port.");
  static final Flag<String> METRICS_CLIENT_CA =
      Flag.text("--metrics-client-ca-file", "", "CA of the clients that may read metrics (PEM).");
  static final Flag<Duration> REFRESH_METRICS =
      Flag.duration(
          "--refresh-metrics-interval", Duration.ofMillis(50), "Scrape interval, 50ms or more.");
  static final Flag<Duration> REFRESH_OWN_METRICS =
      Flag.duration(
          "--refresh-prometheus-metrics-interval",
          Duration.ofSeconds(5),
          "Accepted for compatibility; pool metrics are computed when they are read.");
  static final Flag<Duration> METRICS_STALENESS =
      Flag.duration(
          "--metrics-staleness-threshold",
          Duration.ofSeconds(2),
          "Age from which what a server reported is left out of pool metrics, and counts as not"
              + " reported where endpoints are scored.");
  static final Flag<Boolean> LEGACY_METRICS =
      Flag.bool(
          "--legacy-metrics",
          true,
          "Show metrics under their deprecated names, too (inference_*, kvcache_* and the like).");
  static final Flag<Boolean> PPROF =
      Flag.bool(
          "--enable-pprof",
          true,
          "Threads, heap and flight recordings on the metrics port. Unless set, only where its"
              + " readers are authenticated.");

  // behaviour of the process
  static final Flag<Boolean> LEADER_ELECTION =
      Flag.bool("--ha-enable-leader-election", false, "Only the leader is ready (Kubernetes).");
  static final Flag<Boolean> TRACING =
      Flag.bool(
          "--tracing",
          true,
          "Pass trace contexts on, and export traces as OTEL_TRACES_EXPORTER says; see"
              + " docs/operations.md.");
  static final Flag<Integer> VERBOSITY =
      Flag.number("--v", 2, "Log verbosity: 2 normal, 3 verbose, 4 debug, 5 trace.").orShort("-v");
  static final Flag<Boolean> ZAP_DEVEL =
      Flag.bool("--zap-devel", true, "Accepted for compatibility; no effect.");
  static final Flag<String> ZAP_ENCODER =
      oneOf("--zap-encoder", "Accepted for compatibility; no effect.", "json", "console");
  static final Flag<String> ZAP_LOG_LEVEL =
      Flag.of(
          "--zap-log-level",
          "LEVEL",
          "",
          Flags::zapLevel,
          "debug, info, error, panic or a number; overrides -v.");
  static final Flag<String> ZAP_STACKTRACE_LEVEL =
      oneOf(
          "--zap-stacktrace-level",
          "Accepted for compatibility; no effect.",
          "info",
          "error",
          "panic");
  static final Flag<String> ZAP_TIME_ENCODING =
      oneOf(
          "--zap-time-encoding",
          "Accepted for compatibility; no effect.",
          "epoch",
          "millis",
          "nano",
          "iso8601",
          "rfc3339",
          "rfc3339nano");

  // our own
  static final Flag<List<Path>> PLUGIN_PATH =
      Flag.of(
          "--plugin-path",
          "JAR|FOLDER[:…]",
          List.of(),
          FlagValues::paths,
          "Jars with plugins, and folders of such jars; see docs/writing-plugins.md.");

  // limits of our own
  static final Flag<Long> MAX_REQUEST_BODY =
      size("--max-request-body-size", 64L << 20, "Largest request body; above it 413.");
  static final Flag<Long> MAX_BUFFERED =
      size(
          "--max-buffered-bytes",
          512L << 20,
          "Body bytes held over all streams; above it 503. Unless set, at most a third of the"
              + " heap.");
  static final Flag<Integer> MAX_STREAMS =
      Flag.of(
          "--max-streams",
          "N",
          20_000,
          FlagValues::positive,
          "Concurrent ext_proc streams; above it 503. Unless set, at most one per 64 KiB of heap.");
  static final Flag<Integer> MAX_STREAMS_PER_CONNECTION =
      Flag.of(
          "--max-streams-per-connection",
          "N",
          10_000,
          FlagValues::positive,
          "Concurrent streams of one connection; a gateway opens another one. Unless set, at most"
              + " half of --max-streams.");
  static final Flag<Integer> MAX_RESETS =
      Flag.of(
          "--max-stream-resets",
          "N",
          100_000,
          FlagValues::positive,
          "Streams that one connection may reset in 10 s; above it the connection ends.");
  static final Flag<Duration> REQUEST_START_TIMEOUT =
      Flag.duration(
          "--request-start-timeout",
          Duration.ofSeconds(30),
          "How long a stream may stay without its first message; 0 for ever.");
  static final Flag<Duration> REQUEST_IDLE_TIMEOUT =
      Flag.duration(
          "--request-idle-timeout",
          Duration.ofSeconds(60),
          "How long the next piece of a request, or the taking of its answer, may take; ten times"
              + " as long where the gateway collects the body; 0 for ever.");
  static final Flag<Integer> MAX_WAITING =
      Flag.of(
          "--max-waiting-requests",
          "N",
          5_000,
          FlagValues::positive,
          "Requests that wait for their decision at once; above it 429.");
  static final Flag<Duration> MAX_WAITING_TIME =
      Flag.duration(
          "--max-waiting-time",
          Duration.ofMinutes(2),
          "How long a request may wait for its decision; then the step it waits for is skipped.");
  static final Flag<Integer> DECISIONS_KEPT =
      Flag.of(
          "--decisions-kept", "N", 2048, FlagValues::natural, "Decisions that can be explained.");

  /** Gone from the reference, lately or since its first releases; setting one stops the start. */
  static final List<Flag<?>> REMOVED =
      List.of(
          removed("--total-queued-requests-metric", ENGINE_METRICS),
          removed("--total-running-requests-metric", ENGINE_METRICS),
          removed("--kv-cache-usage-percentage-metric", ENGINE_METRICS),
          removed("--lora-info-metric", ENGINE_METRICS),
          removed("--cache-info-metric", ENGINE_METRICS),
          removed("--model-server-metrics-port", "use the port of metrics-data-source"),
          removed("--model-server-metrics-path", "use the path of metrics-data-source"),
          removed("--model-server-metrics-scheme", "use the scheme of metrics-data-source"),
          Flag.bool("--model-server-metrics-https-insecure-skip-verify", true, "")
              .refusedBecause("removed; use insecureSkipVerify of metrics-data-source"),
          removed(
              "--destination-endpoint-hint-key",
              "the header is always x-gateway-destination-endpoint"),
          removed(
              "--destination-endpoint-hint-metadata-namespace",
              "the namespace is always envoy.lb"));

  static final List<Flag<?>> VISIBLE =
      List.of(
          CONFIG_FILE,
          CONFIG_TEXT,
          RELOAD_CONFIG,
          FEATURE_GATES,
          ALLOW_EXPERIMENTAL,
          VALIDATE,
          EXPLAIN_CONFIG,
          OBJECTIVES_FILE,
          REWRITES_FILE,
          POOL_NAME,
          POOL_NAMESPACE,
          POOL_GROUP,
          ENDPOINT_SELECTOR,
          TARGET_PORTS,
          DISABLE_SUBSET_FILTER,
          GRPC_PORT,
          HEALTH_PORT,
          HEALTH_CHECKING,
          MAX_RECEIVED,
          MAX_SENT,
          SECURE_SERVING,
          CERT_PATH,
          CERT_RELOAD,
          TLS_MIN_VERSION,
          TLS_CIPHERS,
          EMIT_SCORES,
          STREAM_METRICS,
          DRAIN_TIMEOUT,
          GRPC_SERVER,
          WARM_UP_TIME,
          METRICS_PORT,
          METRICS_ADDRESS,
          METRICS_AUTH,
          METRICS_CERT_DIR,
          METRICS_CLIENT_CA,
          REFRESH_METRICS,
          REFRESH_OWN_METRICS,
          METRICS_STALENESS,
          LEGACY_METRICS,
          PPROF,
          LEADER_ELECTION,
          TRACING,
          VERBOSITY,
          ZAP_DEVEL,
          ZAP_ENCODER,
          ZAP_LOG_LEVEL,
          ZAP_STACKTRACE_LEVEL,
          ZAP_TIME_ENCODING,
          PLUGIN_PATH,
          MAX_REQUEST_BODY,
          MAX_BUFFERED,
          MAX_STREAMS,
          MAX_STREAMS_PER_CONNECTION,
          MAX_RESETS,
          REQUEST_START_TIMEOUT,
          REQUEST_IDLE_TIMEOUT,
          MAX_WAITING,
          MAX_WAITING_TIME,
          DECISIONS_KEPT);

  private Flags() {}

  private static Flag<Long> size(String name, long initial, String description) {
    return Flag.of(name, "QUANTITY", initial, FlagValues::positiveSize, description);
  }

  private static Flag<String> oneOf(String name, String description, String... choices) {
    List<String> all = List.of(choices);
    return Flag.of(
        name, String.join("|", all), "", text -> FlagValues.choice(text, all), description);
  }

  private static Flag<String> removed(String name, String successor) {
    return Flag.text(name, "", "").refusedBecause("removed; " + successor);
  }

  /** A level of the reference's logger: a name, or a positive verbosity. */
  private static String zapLevel(String text) {
    if (!text.isEmpty() && text.chars().allMatch(Character::isDigit)) {
      FlagValues.positive(text);
      return text;
    }
    return FlagValues.choice(text, List.of("debug", "info", "error", "panic"));
  }
}
