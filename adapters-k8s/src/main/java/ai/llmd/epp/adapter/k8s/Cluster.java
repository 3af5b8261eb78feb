package ai.llmd.epp.adapter.k8s;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds the API server as kubectl and pods do. */
public final class Cluster {

  private static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

  private static final int MAX_CALL_MILLIS = 60_000; // a list of many pods
  private static final int MAX_CONNECT_MILLIS = 5_000;
  private static final int WATCH_AGAIN_MILLIS = 200; // doubles with each failure

  private Cluster() {}

  /**
   * The API server that is configured; empty when none is.
   *
   * @param kubeconfig {@code KUBECONFIG}: files between colons, of which the first that exists
   *     counts; empty for a pod's service account, else {@code ~/.kube/config}
   */
  public static Optional<Config> find(String kubeconfig) {
    if (!kubeconfig.isEmpty()) {
      return Stream.of(kubeconfig.split(Pattern.quote(File.pathSeparator)))
          .map(File::new)
          .filter(File::isFile)
          .findFirst()
          .map(Config::fromKubeconfig);
    }
    boolean isPod = Files.exists(SERVICE_ACCOUNT);
    boolean hasHome = Files.exists(Path.of(System.getProperty("user.home"), ".kube", "config"));
    return isPod || hasHome ? Optional.of(Config.autoConfigure(null)) : Optional.empty();
  }

  /**
   * A client that connects when it is used. It does not repeat what failed: whoever calls knows
   * when to ask again.
   *
   * @param config is changed
   */
  public static KubernetesClient connect(Config config) {
    // the object itself and no copy: only it knows where fresh tokens come from
    config.setRequestTimeout(MAX_CALL_MILLIS);
    config.setConnectionTimeout(MAX_CONNECT_MILLIS);
    config.setRequestRetryBackoffLimit(0);
    config.setWatchReconnectInterval(WATCH_AGAIN_MILLIS);
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withTaskExecutor(
            Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("kubernetes-client-", 0).factory()))
        .build();
  }

  /** The same connections, for calls whose answer is worth nothing when it is late. */
  static KubernetesClient impatient(KubernetesClient client, Duration timeout) {
    return client
        .newClient(
            new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
                .withRequestTimeout(Math.toIntExact(timeout.toMillis()))
                .withRequestRetryBackoffLimit(0)
                .build())
        .adapt(KubernetesClient.class);
  }
}
