package ai.llmd.epp.adapter.state.redis;

import ai.llmd.epp.adapter.state.redis.RedisAddress.Node;
import ai.llmd.epp.adapter.state.redis.RedisFailure.UnreadableSecret;
import ai.llmd.epp.application.port.out.SecretSource;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisCredentialsProvider.ImmediateRedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.api.AsyncCloseable;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections, whatever kind of installation it is. A connection that breaks stays broken:
 * whoever needs one opens another, and so finds the primary of today.
 */
final class RedisConnector implements AutoCloseable {

  private static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

  /** One thread at a time uses a connection, with a few commands on the way. */
  private static final int MAX_QUEUED = 256;

  private static final int THREADS = 2; // the least that Lettuce takes

  /** Of one connection, as long as the reason of the failure is lost; few of a hundred lose it. */
  private static final int MAX_ATTEMPTS = 5;

  private final RedisSettings settings;
  private final ClientResources resources;
  private final AbstractRedisClient client;

  /** Opens nothing yet. */
  RedisConnector(RedisSettings settings) {
    this.settings = settings;
    this.resources =
        ClientResources.builder()
            .ioThreadPoolSize(THREADS)
            .computationThreadPoolSize(THREADS)
            .commandLatencyRecorder(CommandLatencyRecorder.disabled())
            .build();
    this.client = client();
  }

  /** A connection with its commands. */
  static final class Connection {

    private final StatefulConnection<String, byte[]> connection;
    private final RedisClusterAsyncCommands<String, byte[]> commands;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    Connection(
        StatefulConnection<String, byte[]> connection,
        RedisClusterAsyncCommands<String, byte[]> commands) {
      this.connection = connection;
      this.commands = commands;
    }

    RedisClusterAsyncCommands<String, byte[]> commands() {
      return commands;
    }

    boolean isOpen() {
      return connection.isOpen();
    }

    /** Whoever waits for an answer gets an exception; harmless when repeated. */
    void close() {
      if (isClosed.compareAndSet(false, true)) {
        var _ = ((AsyncCloseable) connection).closeAsync(); // no answer is expected of it
      }
    }
  }

  /**
   * Opens one, beside the caller; it is the caller's to close, even when it comes too late. Where
   * the handshake fails before Lettuce listens for its end, as on a busy machine, the operator
   * would not learn that a password was refused: then another attempt is made, which fails with a
   * reason.
   */
  CompletableFuture<Connection> connect() {
    CompletableFuture<Connection> opening = attempt();
    for (int attempts = 1; attempts < MAX_ATTEMPTS; attempts++) {
      opening =
          opening.exceptionallyCompose(
              failure ->
                  RedisFailure.isWithoutReason(failure)
                      ? attempt()
                      : CompletableFuture.failedFuture(failure));
    }
    return opening;
  }

  private CompletableFuture<Connection> attempt() {
    return switch (client) {
      case RedisClient server ->
          server
              .connectAsync(CODEC, uri(settings.address().nodes().getFirst()))
              .toCompletableFuture()
              .thenApply(opened -> new Connection(opened, opened.async()));
      case RedisClusterClient cluster ->
          cluster
              .refreshPartitionsAsync()
              .toCompletableFuture()
              .thenCompose(refreshed -> cluster.connectAsync(CODEC))
              .thenApply(opened -> new Connection(opened, opened.async()));
      default -> throw new IllegalStateException("unknown client " + client.getClass());
    };
  }

  private AbstractRedisClient client() {
    if (settings.address().kind() == RedisAddress.Kind.CLUSTER) {
      List<RedisURI> seeds = settings.address().nodes().stream().map(this::uri).toList();
      RedisClusterClient cluster = RedisClusterClient.create(resources, seeds);
      // it opens the connection to a node with the first command, which must not be rejected for
      // that
      cluster.setOptions(
          options(ClusterClientOptions.builder(), DisconnectedBehavior.ACCEPT_COMMANDS).build());
      return cluster;
    }
    RedisClient server = RedisClient.create(resources);
    server.setOptions(
        options(ClientOptions.builder(), DisconnectedBehavior.REJECT_COMMANDS).build());
    return server;
  }

  private <B extends ClientOptions.Builder> B options(
      B options, DisconnectedBehavior disconnected) {
    options
        .autoReconnect(false)
        .disconnectedBehavior(disconnected)
        .requestQueueSize(MAX_QUEUED)
        .protocolVersion(ProtocolVersion.RESP2)
        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
        .socketOptions(
            SocketOptions.builder()
                .connectTimeout(settings.connectTimeout())
                .keepAlive(true)
                .tcpNoDelay(true)
                .build());
    if (settings.address().isTls()) {
      options.sslOptions(ssl());
    }
    return options;
  }

  private SslOptions ssl() {
    SslOptions.Builder ssl =
        SslOptions.builder().jdkSslProvider().handshakeTimeout(settings.connectTimeout());
    if (settings.caFile() != null) {
      ssl.trustManager(settings.caFile().toFile());
    }
    if (settings.clientCertificate() != null) {
      ssl.keyManager(
          settings.clientCertificate().certificate().toFile(),
          settings.clientCertificate().key().toFile(),
          null);
    }
    return ssl.build();
  }

  private RedisURI uri(Node node) {
    RedisAddress address = settings.address();
    RedisURI.Builder uri =
        address.kind() == RedisAddress.Kind.SENTINEL
            ? RedisURI.builder().withSentinelMasterId(address.primary())
            : RedisURI.builder().withHost(node.host()).withPort(node.port());
    if (address.kind() == RedisAddress.Kind.SENTINEL) {
      address.nodes().forEach(sentinel -> uri.withSentinel(sentinel(sentinel)));
    }
    uri.withTimeout(settings.connectTimeout())
        .withSsl(address.isTls())
        .withDatabase(address.database())
        .withClientName("epp");
    if (settings.password() != null) {
      uri.withAuthentication(credentials(settings.username(), settings.password()));
    }
    return uri.build();
  }

  private RedisURI sentinel(Node node) {
    RedisURI.Builder uri =
        RedisURI.builder()
            .withHost(node.host())
            .withPort(node.port())
            .withSsl(settings.address().isTls())
            .withTimeout(settings.connectTimeout());
    if (settings.sentinelPassword() != null) {
      uri.withAuthentication(credentials("", settings.sentinelPassword()));
    }
    return uri.build();
  }

  /**
   * Read at every connect, so that a password may be replaced while the program runs. Given at once
   * and on the connection's own thread: with another thread in between, Lettuce may report that the
   * connection was closed, and lose that the password was refused.
   */
  private static RedisCredentialsProvider credentials(String username, SecretSource password) {
    return (ImmediateRedisCredentialsProvider)
        () -> {
          try {
            @Nullable String user = username.isEmpty() ? null : username;
            return RedisCredentials.just(user, password.read().toCharArray());
          } catch (IOException e) {
            throw new UnreadableSecret(String.valueOf(e.getMessage()), e);
          }
        };
  }

  /** Lets go of everything, in the background: whoever waits for an answer gets an exception. */
  @Override
  public void close() {
    var _ =
        client
            .shutdownAsync(0, Duration.ofSeconds(1).toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete(
                (done, failure) -> {
                  var _ = resources.shutdown(0, 1, TimeUnit.SECONDS);
                });
  }
}
