package ai.llmd.epp.adapter.k8s;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;

/** Finds the API server as kubectl and pods do. */
public final class Cluster {

  private static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

  private Cluster() {}

  /** Whether anything says where an API server is. */
  public static boolean isConfigured(Map<String, String> environment) {
    return environment.containsKey("KUBECONFIG")
        || System.getProperty("kubernetes.master") != null
        || (environment.containsKey("KUBERNETES_SERVICE_HOST") && Files.exists(SERVICE_ACCOUNT))
        || Files.exists(Path.of(environment.getOrDefault("HOME", "/"), ".kube", "config"));
  }

  /** A client of the API server that the environment names; connects when it is used. */
  public static KubernetesClient connect(Duration requestTimeout) {
    return connect(new ConfigBuilder().build(), requestTimeout);
  }

  /**
   * A client that gives up soon and does not repeat: whoever calls knows when to ask again.
   *
   * @param requestTimeout for a whole answer, watches excepted
   */
  public static KubernetesClient connect(Config config, Duration requestTimeout) {
    int millis = Math.toIntExact(requestTimeout.toMillis());
    Config ours =
        new ConfigBuilder(config)
            .withRequestTimeout(millis)
            .withConnectionTimeout(millis)
            .withRequestRetryBackoffLimit(0)
            .withWatchReconnectInterval(200)
            .build();
    return new KubernetesClientBuilder()
        .withConfig(ours)
        .withTaskExecutor(
            Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("kubernetes-client-", 0).factory()))
        .build();
  }
}
