package ai.llmd.epp.adapter.k8s.server;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;

/**
 * An API server over HTTP that stores objects and tells watchers of them. Those under test come
 * through a door that can be shut, while {@link #client()} is always inside.
 */
public final class ApiServer implements AutoCloseable {

  private final FaultyApi api = new FaultyApi();
  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(Serialization.jsonMapper()),
          new MockWebServer(),
          new HashMap<>(),
          api,
          false);
  private final Door door;
  private final KubernetesClient client;

  public ApiServer() {
    server.init();
    client = server.createClient();
    try {
      door = new Door(server.getPort());
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
    return new ConfigBuilder(Config.empty()).withMasterUrl(url()).build();
  }

  public String url() {
    return "http://127.0.0.1:" + door.port() + "/";
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

  /** Answers nobody any more, without a word. */
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

  /** Answers watches from where anybody is now with 410 Gone, as after a compaction. */
  public void forgetHistory() {
    api.forgetHistory();
  }

  /** Takes so long for every list. */
  public void slowDown(Duration delay) {
    api.delay = delay;
  }

  /** Refuses to read what has this in its path. */
  public void forbid(String pathPart) {
    api.forbidden.add(pathPart);
  }

  public void permitEverything() {
    api.forbidden.clear();
  }

  /** Watches that were begun. */
  public int watches() {
    return api.watches.get();
  }

  /** Reads other than watches. */
  public int lists() {
    return api.lists.get();
  }

  @Override
  public void close() {
    door.close();
    client.close();
    server.destroy();
  }
}
