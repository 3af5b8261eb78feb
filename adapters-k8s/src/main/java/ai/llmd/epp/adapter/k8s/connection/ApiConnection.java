package ai.llmd.epp.adapter.k8s.connection;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;

/**
 * A connection to an API server that is made when it is used, and the signs of life of the watches
 * on it. Any thread.
 *
 * <p>Watches are pinged, since one whose other end has gone without a word looks like one on which
 * nothing happens. Calls go over HTTP/1.1: one that is not answered takes its own connection with
 * it, and not that of all others.
 */
public final class ApiConnection implements AutoCloseable {

  /**
   * How often a watch is pinged. Two pings without an answer, and it is given up: 24 s at most
   * after the other end has died, where client-go takes up to 45 s.
   */
  public static final Duration PING_EVERY = Duration.ofSeconds(8);

  private static final int MAX_CALL_MILLIS = 60_000; // a list of many pods
  private static final int MAX_CONNECT_MILLIS = 5_000;
  private static final int WATCH_AGAIN_MILLIS = 200; // doubles with each failure

  private final KubernetesClient client;
  private final WatchSockets watches;
  private final Duration pingEvery;

  private ApiConnection(KubernetesClient client, WatchSockets watches, Duration pingEvery) {
    this.client = client;
    this.watches = watches;
    this.pingEvery = pingEvery;
  }

  /**
   * Connects to nothing yet. The client does not repeat what failed: whoever calls knows when to
   * ask again.
   *
   * @param config is changed
   * @param pingEvery how often watches are pinged
   * @param nanoClock as {@link System#nanoTime()}
   */
  public static ApiConnection of(Config config, Duration pingEvery, LongSupplier nanoClock) {
    // the object itself and no copy: only it knows where fresh tokens come from
    config.setRequestTimeout(MAX_CALL_MILLIS);
    config.setConnectionTimeout(MAX_CONNECT_MILLIS);
    config.setRequestRetryBackoffLimit(0);
    config.setWatchReconnectInterval(WATCH_AGAIN_MILLIS);
    config.setWebsocketPingInterval(pingEvery.toMillis());
    config.setHttp2Disable(true);
    WatchSockets watches = new WatchSockets(nanoClock);
    KubernetesClient client =
        new KubernetesClientBuilder()
            .withConfig(config)
            .withHttpClientFactory(new WatchfulHttpClients(watches))
            .withHttpClientBuilderConsumer(builder -> FollowedIdentities.use(config, builder))
            .withTaskExecutor(
                Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("kubernetes-client-", 0).factory()))
            .build();
    return new ApiConnection(client, watches, pingEvery);
  }

  /** The client, whose calls may take a minute. */
  public KubernetesClient client() {
    return client;
  }

  /** The same connections, for calls whose answer is worth nothing when it is late. */
  public KubernetesClient impatient(Duration timeout) {
    return client
        .newClient(
            new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
                .withRequestTimeout(Math.toIntExact(timeout.toMillis()))
                .withRequestRetryBackoffLimit(0)
                .build())
        .adapt(KubernetesClient.class);
  }

  /**
   * When a watch of this kind last gave a sign of life: began, sent an event, answered a ping.
   *
   * @param kind plural name
   * @param otherwise what is returned when none ever did
   */
  public long heardNanos(String kind, long otherwise) {
    return watches.heardNanos(kind, otherwise);
  }

  /** A watch that is silent for longer is late: it should have answered a ping. */
  public Duration late() {
    return pingEvery.multipliedBy(3).dividedBy(2);
  }

  /** A watch that is silent for longer is dead. */
  public Duration dead() {
    return pingEvery.multipliedBy(5).dividedBy(2);
  }

  /** Ends the watches that are dead, which then begin anew where they were. Call often. */
  public void endDeadWatches() {
    watches.endSilent(dead());
  }

  @Override
  public void close() {
    client.close();
  }
}
