package ai.llmd.epp.cli;

import ai.llmd.epp.commandline.Flag;
import ai.llmd.epp.commandline.FlagValues;
import ai.llmd.epp.commandline.GivenFlags;
import ai.llmd.epp.tls.CipherSuites;
import ai.llmd.epp.tls.TlsSettings;
import ai.llmd.epp.tls.TlsVersion;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Checks the flags against each other and makes options of them. Used once. */
final class OptionsReader {

  private static final Duration MIN_SCRAPE_INTERVAL = Duration.ofMillis(50);
  private static final int DEFAULT_VERBOSITY = 2;
  private static final int ERRORS_ONLY = -1;

  /** An open stream holds some kibibytes; then there is room for what it brings. */
  private static final long HEAP_PER_STREAM = 64 << 10;

  private final GivenFlags given;
  private final Map<String, String> environment;
  private final List<String> errors;
  private final List<String> warnings;
  private final long heapBytes;

  /**
   * @param errors receives what cannot be used
   * @param warnings receives what was changed
   * @param heapBytes what the heap may grow to; bounds that are not given depend on it
   */
  OptionsReader(
      GivenFlags given,
      Map<String, String> environment,
      List<String> errors,
      List<String> warnings,
      long heapBytes) {
    this.given = given;
    this.environment = environment;
    this.errors = errors;
    this.warnings = warnings;
    this.heapBytes = heapBytes;
  }

  /** The options; of no use when there were errors. */
  Options read() {
    Options.Server server = server();
    Options.Tls tls = tls();
    checkCombinations();
    refuseUnavailable();
    return new Options(
        new Options.Configuration(
            given.get(Flags.CONFIG_TEXT),
            given.get(Flags.CONFIG_FILE),
            given.get(Flags.RELOAD_CONFIG),
            given.get(Flags.ALLOW_EXPERIMENTAL),
            given.getEach(Flags.FEATURE_GATES),
            given.getAll(Flags.PLUGIN_PATH)),
        new Options.Objects(given.get(Flags.OBJECTIVES_FILE), given.get(Flags.REWRITES_FILE)),
        given.get(Flags.VALIDATE),
        given.get(Flags.EXPLAIN_CONFIG),
        pool(),
        new KubernetesReader(given, environment, errors).read(),
        server,
        tls,
        metrics(),
        tracing(),
        limits(),
        verbosity());
  }

  private Options.Limits limits() {
    long buffered = given.get(Flags.MAX_BUFFERED);
    int streams = given.get(Flags.MAX_STREAMS);
    if (!given.has(Flags.MAX_BUFFERED)) {
      buffered = Math.min(buffered, heapBytes / 3);
    }
    if (!given.has(Flags.MAX_STREAMS)) {
      streams = (int) Math.min(streams, heapBytes / HEAP_PER_STREAM);
    }
    return new Options.Limits(
        given.get(Flags.MAX_REQUEST_BODY),
        buffered,
        streams,
        connections(streams),
        given.get(Flags.MAX_WAITING),
        given.get(Flags.MAX_WAITING_TIME),
        given.get(Flags.DECISIONS_KEPT));
  }

  private Options.Connections connections(int streams) {
    int ofOne = given.get(Flags.MAX_STREAMS_PER_CONNECTION);
    return new Options.Connections(
        given.has(Flags.MAX_STREAMS_PER_CONNECTION) ? ofOne : Math.clamp(streams / 2, 1, ofOne),
        given.get(Flags.MAX_RESETS),
        notNegative(Flags.REQUEST_START_TIMEOUT),
        notNegative(Flags.REQUEST_IDLE_TIMEOUT));
  }

  private Options.Diagnostics diagnostics() {
    if (!given.has(Flags.PPROF)) {
      return Options.Diagnostics.FOR_KNOWN_READERS;
    }
    return given.get(Flags.PPROF) ? Options.Diagnostics.ON : Options.Diagnostics.OFF;
  }

  private void checkCombinations() {
    boolean hasPool = !given.get(Flags.POOL_NAME).isEmpty();
    boolean hasSelector = !given.get(Flags.ENDPOINT_SELECTOR).isEmpty();
    if (!hasPool && !hasSelector) {
      errors.add("either pool-name or endpoint-selector must be set");
    } else if (hasPool && hasSelector) {
      errors.add("pool-name and endpoint-selector exclude each other");
    }
    boolean hasObjects =
        !given.get(Flags.OBJECTIVES_FILE).isEmpty() || !given.get(Flags.REWRITES_FILE).isEmpty();
    if (hasSelector && hasObjects) {
      errors.add(
          "objectives-file and rewrites-file are for endpoints from a file, and exclude"
              + " endpoint-selector");
    }
    if (!given.get(Flags.CONFIG_TEXT).isEmpty() && !given.get(Flags.CONFIG_FILE).isEmpty()) {
      errors.add("config-text and config-file exclude each other");
    }
  }

  private void refuseUnavailable() {
    Stream.concat(Flags.VISIBLE.stream(), Flags.REMOVED.stream())
        .filter(flag -> flag.refusal() != null)
        .filter(this::isSet)
        .forEach(flag -> errors.add(flag + ": " + flag.refusal()));
  }

  private Options.Tracing tracing() {
    Map<String, String> variables = new HashMap<>(environment);
    variables.keySet().removeIf(name -> !name.startsWith("OTEL_"));
    return new Options.Tracing(given.get(Flags.TRACING), variables);
  }

  private boolean isSet(Flag<?> flag) {
    boolean isRemoved = flag.isHidden();
    return given.has(flag) && (isRemoved || !given.get(flag).equals(flag.initial()));
  }

  private Options.Pool pool() {
    String flag = given.get(Flags.POOL_NAMESPACE);
    String namespace = flag.isEmpty() ? environment.getOrDefault("NAMESPACE", "") : flag;
    return new Options.Pool(
        given.get(Flags.POOL_NAME),
        namespace.isEmpty() ? "default" : namespace,
        namespace.isEmpty(),
        given.get(Flags.POOL_GROUP));
  }

  private Options.Server server() {
    messageSize(Flags.MAX_SENT); // has no effect, but a mistake in it is one all the same
    return new Options.Server(
        port(Flags.GRPC_PORT),
        port(Flags.HEALTH_PORT),
        given.get(Flags.HEALTH_CHECKING),
        messageSize(Flags.MAX_RECEIVED),
        given.get(Flags.DISABLE_SUBSET_FILTER),
        given.get(Flags.EMIT_SCORES),
        given.get(Flags.STREAM_METRICS),
        notNegative(Flags.DRAIN_TIMEOUT),
        notNegative(Flags.WARM_UP_TIME),
        given.get(Flags.GRPC_SERVER).equals(Flags.LEAN));
  }

  private Options.Tls tls() {
    List<String> suites = given.getAll(Flags.TLS_CIPHERS);
    for (String suite : suites) {
      if (!CipherSuites.isKnown(suite)) {
        errors.add(Flags.TLS_CIPHERS + ": unknown cipher suite \"" + suite + '"');
      }
    }
    return new Options.Tls(
        given.get(Flags.SECURE_SERVING),
        given.get(Flags.CERT_PATH),
        given.get(Flags.CERT_RELOAD),
        tlsVersion(given.get(Flags.TLS_MIN_VERSION)),
        suites);
  }

  private TlsVersion tlsVersion(String name) {
    try {
      return name.isEmpty() ? TlsSettings.SELF_SIGNED.minVersion() : TlsVersion.named(name);
    } catch (IllegalArgumentException e) {
      errors.add(Flags.TLS_MIN_VERSION + ": " + e.getMessage());
      return TlsSettings.SELF_SIGNED.minVersion();
    }
  }

  private Options.Metrics metrics() {
    notNegative(
        Flags.REFRESH_OWN_METRICS); // has no effect, but a mistake in it is one all the same
    Duration interval = given.get(Flags.REFRESH_METRICS);
    if (interval.compareTo(MIN_SCRAPE_INTERVAL) < 0) {
      warnings.add(Flags.REFRESH_METRICS + " is raised to 50ms");
      interval = MIN_SCRAPE_INTERVAL;
    }
    return new Options.Metrics(
        given.get(Flags.METRICS_ADDRESS),
        port(Flags.METRICS_PORT),
        interval,
        notNegative(Flags.METRICS_STALENESS),
        given.get(Flags.LEGACY_METRICS),
        diagnostics(),
        MetricsAccessReader.read(given, errors));
  }

  private int verbosity() {
    return switch (given.get(Flags.ZAP_LOG_LEVEL)) {
      case "" -> {
        int verbosity = given.get(Flags.VERBOSITY);
        yield verbosity < 0 ? DEFAULT_VERBOSITY : verbosity;
      }
      case "debug" -> 1;
      case "info" -> 0;
      case "error", "panic" -> ERRORS_ONLY;
      case String number -> Integer.parseInt(number);
    };
  }

  private int port(Flag<Integer> flag) {
    int port = given.get(flag);
    if (port < 0 || port > 65_535) {
      errors.add(flag + ": must be within 0 and 65535, was " + port);
    }
    return port;
  }

  private Duration notNegative(Flag<Duration> flag) {
    Duration duration = given.get(flag);
    if (duration.isNegative()) {
      errors.add(flag + ": must not be negative");
    }
    return duration;
  }

  /** gRPC counts message bytes in an int; more than that is as good as no limit. */
  private int messageSize(Flag<String> flag) {
    String text = given.get(flag);
    try {
      return text.isEmpty() ? 0 : (int) Math.min(Integer.MAX_VALUE, FlagValues.size(text));
    } catch (IllegalArgumentException e) {
      errors.add(flag + ": " + e.getMessage());
      return 0;
    }
  }
}
