package ai.llmd.epp.adapter.k8s.server;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;

/**
 * An API server over HTTP that stores objects and sends them to watchers. Those under test come
 * through a door that can be shut, while {@link #client()} is always inside.
 */
public final class ApiServer implements AutoCloseable {

  /** Where the objects are. */
  interface Backend extends AutoCloseable {

    int port();

    /** Forgets what happened until now. */
    void forgetHistory();

    @Override
    void close();
  }

  private final Faults faults;
  private final Backend backend;
  private final Door door;
  private final KubernetesClient client;

  /** fabric8's mock in CRUD mode. */
  public ApiServer() {
    this(new Faults(), MockApi::new);
  }

  /** One that remembers what happened. */
  public static ApiServer withHistory() {
    return new ApiServer(new Faults(), HistoryApi::new);
  }

  private ApiServer(Faults faults, Function<Faults, Backend> backend) {
    this.faults = faults;
    this.backend = backend.apply(faults);
    this.client = new KubernetesClientBuilder().withConfig(config(this.backend.port())).build();
    try {
      door = new Door(this.backend.port());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For changing what the server stores; not concerned by what the server suffers. */
  public KubernetesClient client() {
    return client;
  }

  /** How those under test reach it. */
  public Config config() {
    return config(door.port());
  }

  private static Config config(int port) {
    return new ConfigBuilder(Config.empty()).withMasterUrl(url(port)).build();
  }

  public String url() {
    return url(door.port());
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port + "/";
  }

  /** The same as a file for {@code KUBECONFIG}. */
  public Path kubeconfig(Path folder) {
    String text =
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "%s"}}]
        users: [{name: u, user: {token: t}}]
        contexts: [{name: x, context: {cluster: c, user: u}}]
        current-context: x
        """
            .formatted(url());
    try {
      return Files.writeString(folder.resolve("kubeconfig.yaml"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends every connection and refuses new ones. */
  public void goAway() {
    door.shut();
  }

  /** Answers no request any more, and closes no connection. */
  public void fallSilent() {
    door.swallow();
  }

  /** Is there again, with whatever was changed meanwhile. */
  public void comeBack() {
    door.breakConnections();
    door.open();
  }

  /** Ends every connection once. */
  public void breakConnections() {
    door.breakConnections();
  }

  /**
   * Answers watches from present versions with 410 Gone, as after a compaction.
   *
   * @throws UnsupportedOperationException unless it is one that remembers
   */
  public void forgetHistory() {
    backend.forgetHistory();
  }

  /**
   * How a watch is answered whose history is gone: with the HTTP status, or with the status in the
   * first event, as API servers usually do.
   */
  public void refuseByStatus(boolean byStatus) {
    faults.refusesByStatus = byStatus;
  }

  /** Takes so long for every list. */
  public void slowDown(Duration delay) {
    faults.delay = delay;
  }

  /** Refuses to read what has this in its path. */
  public void forbid(String pathPart) {
    faults.forbidden.add(pathPart);
  }

  public void permitEverything() {
    faults.forbidden.clear();
  }

  /** Watches that were begun. */
  public int watches() {
    return faults.watches.get();
  }

  /** Watches that were answered with 410 Gone. */
  public int refusedWatches() {
    return faults.refusedWatches.get();
  }

  /** Reads other than watches. */
  public int lists() {
    return faults.lists.get();
  }

  @Override
  public void close() {
    door.close();
    client.close();
    backend.close();
  }
}
