package ai.llmd.epp.adapter.k8s;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;

/** Finds the API server as kubectl and pods do. */
public final class Cluster {

  private static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

  private static final int LONGEST_CALL_MILLIS = 60_000; // a list of many pods
  private static final int LONGEST_CONNECT_MILLIS = 5_000;
  private static final int WATCH_AGAIN_MILLIS = 200; // doubles with each failure

  private Cluster() {}

  /** Whether anything says where an API server is. */
  public static boolean isConfigured(Map<String, String> environment) {
    return environment.containsKey("KUBECONFIG")
        || System.getProperty("kubernetes.master") != null
        || (environment.containsKey("KUBERNETES_SERVICE_HOST") && Files.exists(SERVICE_ACCOUNT))
        || Files.exists(Path.of(environment.getOrDefault("HOME", "/"), ".kube", "config"));
  }

  /**
   * A client of the API server that the environment names; connects when it is used. It does not
   * repeat what failed: whoever calls knows when to ask again.
   */
  public static KubernetesClient connect() {
    return connect(new ConfigBuilder().build());
  }

  /** The same for an API server that the caller has found. */
  public static KubernetesClient connect(Config config) {
    Config ours =
        new ConfigBuilder(config)
            .withRequestTimeout(LONGEST_CALL_MILLIS)
            .withConnectionTimeout(LONGEST_CONNECT_MILLIS)
            .withRequestRetryBackoffLimit(0)
            .withWatchReconnectInterval(WATCH_AGAIN_MILLIS)
            .build();
    return new KubernetesClientBuilder()
        .withConfig(ours)
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
