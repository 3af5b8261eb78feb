package ai.llmd.epp.adapter.k8s.server;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

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

    /** Remembers what there is now. */
    void backUp();

    /** Goes back to what there was then. */
    void restore();

    @Override
    void close();
  }

  /** How the test's own client calls itself. */
  static final String INSIDER = "insider";

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
    Config inside = config("http", this.backend.port());
    inside.setUserAgent(INSIDER);
    this.client = new KubernetesClientBuilder().withConfig(inside).build();
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
    return config(scheme(), door.port());
  }

  private static Config config(String scheme, int port) {
    return new ConfigBuilder(Config.empty()).withMasterUrl(url(scheme, port)).build();
  }

  public String url() {
    return url(scheme(), door.port());
  }

  private String scheme() {
    return door.isEncrypted() ? "https" : "http";
  }

  private static String url(String scheme, int port) {
    return scheme + "://127.0.0.1:" + port + "/";
  }

  /** The same as a file for {@code KUBECONFIG}. */
  public Path kubeconfig(Path folder) {
    return kubeconfig(folder, "", "token: t");
  }

  /**
   * A file for {@code KUBECONFIG}.
   *
   * @param cluster fields of the cluster, besides the address, each after a comma
   * @param user fields of the user
   */
  public Path kubeconfig(Path folder, String cluster, String user) {
    String text =
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "%s"%s}}]
        users: [{name: u, user: {%s}}]
        contexts: [{name: x, context: {cluster: c, user: u}}]
        current-context: x
        """
            .formatted(url(), cluster, user);
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

  /**
   * Every watch that is open dies without a word, as when one of several API servers loses its
   * power. Other connections, and new ones, are served.
   */
  public void killWatches() {
    door.freezeWatches();
  }

  /** Shows this identity to whoever comes from now on, and speaks TLS. */
  public void encrypt(SSLContext identity) {
    door.encrypt(identity);
  }

  /** Lets nobody in without this token. */
  public void requireToken(String token) {
    faults.token = token;
  }

  /** Remembers what it stores. */
  public void backUp() {
    backend.backUp();
  }

  /** Stores what it stored at the last {@link #backUp}, and counts versions from there. */
  public void restore() {
    backend.restore();
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

  /** Refuses to read or write what has this in its path. */
  public void forbid(String pathPart) {
    refuse(pathPart, HttpURLConnection.HTTP_FORBIDDEN, Integer.MAX_VALUE);
  }

  /**
   * Refuses to read or write what has this in its path.
   *
   * @param status the answer
   * @param times for so often
   */
  public void refuse(String pathPart, int status, int times) {
    faults.refusals.add(new Faults.Refusal(pathPart, status, new AtomicInteger(times)));
  }

  public void permitEverything() {
    faults.refusals.clear();
  }

  /** What those under test have asked for until now, in the words of a role. */
  public Set<AskedFor> askedFor() {
    return Set.copyOf(faults.askedFor);
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
