package ai.llmd.epp.cli;

import ai.llmd.epp.tls.TlsVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the command line and the environment say, checked and with every default filled in.
 *
 * @param validateOnly check the configuration and exit
 * @param explainOnly print the effective configuration and exit
 * @param verbosity 2 is normal, more logs more; -1 means errors only
 */
public record Options(
    Configuration configuration,
    Objects objects,
    boolean validateOnly,
    boolean explainOnly,
    Pool pool,
    Kubernetes kubernetes,
    Server server,
    Tls tls,
    Metrics metrics,
    Tracing tracing,
    Limits limits,
    int verbosity) {

  /**
   * Which configuration to load; both empty means the built-in one.
   *
   * @param text the configuration itself; empty when not given
   * @param file path of the configuration; empty when not given
   * @param followsFile whether changes of this and other files take effect while the program runs
   * @param featureGates entries as in the configuration, which count after its own
   * @param pluginPath jars with plugins, and folders of such jars
   */
  public record Configuration(
      String text,
      String file,
      boolean followsFile,
      boolean allowsExperimentalPlugins,
      List<String> featureGates,
      List<Path> pluginPath) {

    public Configuration {
      featureGates = List.copyOf(featureGates);
      pluginPath = List.copyOf(pluginPath);
    }
  }

  /**
   * Which files hold objectives and rewrites; followed like the configuration.
   *
   * @param objectivesFile empty when not given
   * @param rewritesFile empty when not given
   */
  public record Objects(String objectivesFile, String rewritesFile) {

    /** Whether a file is given. */
    public boolean areGiven() {
      return !objectivesFile.isEmpty() || !rewritesFile.isEmpty();
    }
  }

  /**
   * Who we pick endpoints for.
   *
   * @param isNamespaceDefaulted no namespace was given; worth a warning
   */
  public record Pool(String name, String namespace, boolean isNamespaceDefaulted, String group) {

    /** The same under another name. */
    public Pool named(String newName) {
      return new Pool(newName, namespace, isNamespaceDefaulted, group);
    }
  }

  /**
   * How endpoints are found in Kubernetes; of no meaning where a discovery plugin finds them.
   *
   * @param selector pods by their labels, instead of an InferencePool; empty when not given
   * @param targetPorts of selected pods, 1 to 8 of them; empty without a selector
   * @param podName {@code POD_NAME}, empty when not set
   * @param kubeconfig {@code KUBECONFIG}, empty when not set
   * @param electsLeader whether only one of several replicas is ready
   */
  public record Kubernetes(
      String selector,
      List<Integer> targetPorts,
      String podName,
      String kubeconfig,
      boolean electsLeader) {

    public Kubernetes {
      targetPorts = List.copyOf(targetPorts);
    }
  }

  /**
   * The ext_proc and health servers.
   *
   * @param maxReceivedBytes largest gRPC message in; 0 means gRPC's default of 4 MiB
   * @param servesHealthOnGrpcPort health on the ext_proc port as well
   * @param warmUpTime how long the program exercises itself before it is ready; zero for not at all
   * @param isLean whether ext_proc is served by the server that is made for it
   */
  public record Server(
      int grpcPort,
      int healthPort,
      boolean servesHealthOnGrpcPort,
      int maxReceivedBytes,
      boolean ignoresSubsetHint,
      boolean emitsScores,
      boolean hasStreamMetrics,
      Duration drainTimeout,
      Duration warmUpTime,
      boolean isLean) {

    /** Two health checks a second apart, and their answers: then a gateway asks another picker. */
    public static final Duration STOP_NOTICED = Duration.ofSeconds(3);
  }

  /**
   * TLS on the ext_proc port.
   *
   * @param certPath folder with {@code tls.crt} and {@code tls.key}; empty means self-signed
   * @param minVersion lowest version accepted
   * @param cipherSuites for TLS up to 1.2, by IANA name; none means the defaults
   */
  public record Tls(
      boolean isEnabled,
      String certPath,
      boolean reloadsCertificate,
      TlsVersion minVersion,
      List<String> cipherSuites) {

    public Tls {
      cipherSuites = List.copyOf(cipherSuites);
    }
  }

  /**
   * Metrics in and out.
   *
   * @param scrapeInterval 50 ms or more
   * @param stalenessThreshold age from which a sample is left out of them
   * @param address of the interface for the port; empty for all
   * @param hasLegacyNames whether metrics are shown under their deprecated names, too
   * @param diagnostics threads, heap and flight recordings on the same port
   */
  public record Metrics(
      String address,
      int port,
      Duration scrapeInterval,
      Duration stalenessThreshold,
      boolean hasLegacyNames,
      Diagnostics diagnostics,
      MetricsAccess access) {}

  /**
   * Traces of requests.
   *
   * @param isOn whether trace contexts are passed on, and traces recorded
   * @param environment the variables {@code OTEL_…}, by which they are exported
   */
  public record Tracing(boolean isOn, Map<String, String> environment) {

    public Tracing {
      environment = Map.copyOf(environment);
    }

    /** Without values, which may be credentials. */
    @Override
    public String toString() {
      return "Tracing[isOn=" + isOn + ", environment=" + environment.keySet() + ']';
    }
  }

  /** Who is shown threads, heap and flight recordings. */
  public enum Diagnostics {
    /** Whoever may read metrics. */
    ON,
    OFF,
    /** Whoever may read metrics, where that is not everyone. */
    FOR_KNOWN_READERS
  }

  /**
   * Who may read metrics, and how.
   *
   * @param asksKubernetes readers need a token that Kubernetes knows and permits
   * @param certificates folder with {@code tls.crt} and {@code tls.key}; null for plain HTTP
   * @param clientAuthority PEM with the authorities of clients, which then have to show a
   *     certificate; null when they need none. Not without certificates
   */
  public record MetricsAccess(
      boolean asksKubernetes, @Nullable Path certificates, @Nullable Path clientAuthority) {}

  /**
   * What one connection of a gateway may do, and how long a request may take to come.
   *
   * @param streams at once
   * @param resets of streams within 10 s
   * @param untilFirstMessage of a stream; zero for ever
   * @param betweenMessages of a request; zero for ever
   */
  public record Connections(
      int streams, int resets, Duration untilFirstMessage, Duration betweenMessages) {}

  /**
   * Bounds on what may be held.
   *
   * @param requestBodyBytes largest request body; above it 413
   * @param bufferedBytes body bytes held over all streams; above it 503
   * @param streams concurrent ext_proc streams
   * @param connections bounds on each connection
   * @param waitingRequests requests that wait for their decision at once; above it 429
   * @param waitingTime how long one of them may wait, over all steps
   * @param decisionsKept decisions that can be explained afterwards, 0 or more
   */
  public record Limits(
      long requestBodyBytes,
      long bufferedBytes,
      int streams,
      Connections connections,
      int waitingRequests,
      Duration waitingTime,
      int decisionsKept) {

    /** What the decisions that are kept may hold, however many they are. */
    public static final long MAX_DECISION_BYTES = 32L << 20;
  }
}
