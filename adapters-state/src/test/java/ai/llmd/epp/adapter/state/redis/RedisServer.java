package ai.llmd.epp.adapter.state.redis;

import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.out.ReplicationLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A real Redis process for tests, on a free port of the loopback, without persistence. As a JUnit
 * extension it runs for the tests of a class; without JUnit, call {@link #start} and {@link
 * #close}. It can be stopped, killed, held and started again, always on the same port and empty.
 */
public final class RedisServer implements BeforeAllCallback, AfterAllCallback, AutoCloseable {

  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** A port from here on has no place for that of the cluster bus, 10000 above it. */
  private static final int TOO_HIGH = 55_000;

  private static final int PORTS_TRIED = 3;

  private enum Kind {
    PLAIN,
    TLS,
    SENTINEL
  }

  private final List<String> lines;
  private final Kind kind;
  private int port;
  private @Nullable Path folder;
  private @Nullable Process process;

  /**
   * @param lines further ones of its configuration, as {@code requirepass secret}
   */
  public RedisServer(String... lines) {
    this(Kind.PLAIN, List.of(lines));
  }

  private RedisServer(Kind kind, List<String> lines) {
    this.kind = kind;
    this.lines = List.copyOf(lines);
  }

  /** One that takes encrypted connections only; {@link #command} does not reach it. */
  public static RedisServer tls(Path certificate, Path key, String... lines) {
    List<String> all = new ArrayList<>(List.of(lines));
    all.addAll(List.of("tls-cert-file " + certificate, "tls-key-file " + key));
    return new RedisServer(Kind.TLS, all);
  }

  /** A node of a cluster that it has yet to meet. */
  public static RedisServer clusterNode() {
    return new RedisServer("cluster-enabled yes", "cluster-node-timeout 2000");
  }

  /** One that watches a primary, alone in its quorum, and looks for another after a second. */
  public static RedisServer sentinel(String name, RedisServer primary) {
    return new RedisServer(
        Kind.SENTINEL,
        List.of(
            "sentinel monitor " + name + " 127.0.0.1 " + primary.port() + " 1",
            "sentinel down-after-milliseconds " + name + " 1000",
            "sentinel failover-timeout " + name + " 3000"));
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    start();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    close();
  }

  /** Starts it, and waits until it can be connected to. */
  public RedisServer start() {
    try {
      if (folder == null) {
        folder = Files.createTempDirectory("redis");
        startSomewhere();
      } else {
        process = launch();
        awaitListening();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    return this;
  }

  /** A port that was free may be taken by the time that the server wants it. */
  private void startSomewhere() throws IOException, InterruptedException {
    for (int tries = 1; ; tries++) {
      port = freePort();
      process = launch();
      try {
        awaitListening();
        return;
      } catch (IllegalStateException didNotStart) {
        if (tries == PORTS_TRIED || !log().contains("Address already in use")) {
          throw didNotStart;
        }
      }
    }
  }

  private void awaitListening() {
    await().atMost(START).until(this::isListening);
  }

  /** Port of the loopback, the same for life. */
  public int port() {
    return port;
  }

  /** As the configuration names it. */
  public String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** Opens a log in the pool's part of it. */
  ReplicationLog open(String pool, Duration retention) {
    return open(RedisAddress.parse(uri(), false), pool, retention);
  }

  /** Opens a log in a server without a password, with the patience that a busy machine needs. */
  static ReplicationLog open(RedisAddress address, String pool, Duration retention) {
    var settings =
        new RedisSettings(address, "", null, null, null, null, PATIENCE, PATIENCE, 10_000);
    return new RedisReplicationLog(settings, "ns", pool, retention);
  }

  /**
   * Runs a command as the default user; the answer as a line of the protocol, or the length and the
   * text of a longer one.
   */
  public String command(String... words) {
    try (var client = new RedisConsole(port)) {
      return client.ask(words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it without closing anything, as {@code kill -9}. */
  public void kill() {
    Process running = Objects.requireNonNull(process);
    running.destroyForcibly();
    awaitEnd(running);
  }

  /** It accepts connections and answers nothing, until it is {@linkplain #resume resumed}. */
  public void hold() {
    signal("STOP");
  }

  /** It goes on after a {@link #hold}. */
  public void resume() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      Process kill =
          new ProcessBuilder(
                  "kill", "-" + name, Long.toString(Objects.requireNonNull(process).pid()))
              .start();
      if (kill.waitFor() != 0) {
        throw new IllegalStateException("the signal did not arrive");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    if (process != null) {
      kill();
    }
    if (folder != null) {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted((a, b) -> b.compareTo(a)).forEach(path -> path.toFile().delete());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private Process launch() throws IOException, InterruptedException {
    Path home = Objects.requireNonNull(folder);
    List<String> configuration = new ArrayList<>(List.of("bind 127.0.0.1", "dir " + home));
    configuration.addAll(
        kind == Kind.TLS ? List.of("port 0", "tls-port " + port) : List.of("port " + port));
    if (kind != Kind.SENTINEL) {
      configuration.addAll(
          List.of(
              "save \"\"",
              "appendonly no",
              "repl-diskless-sync yes",
              "repl-diskless-sync-delay 0"));
    }
    configuration.addAll(lines);
    Path file = Files.write(home.resolve("redis.conf"), configuration);
    List<String> command = new ArrayList<>(List.of(RedisBinary.path().toString(), file.toString()));
    if (kind == Kind.SENTINEL) {
      command.add("--sentinel");
    }
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(home.resolve("log").toFile())
        .start();
  }

  private boolean isListening() throws IOException {
    if (!Objects.requireNonNull(process).isAlive()) {
      throw new IllegalStateException("redis did not start: " + log());
    }
    try (var client = new RedisConsole(port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private String log() throws IOException {
    return Files.readString(Objects.requireNonNull(folder).resolve("log"));
  }

  private static void awaitEnd(Process process) {
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("redis does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int freePort() throws IOException {
    for (int tries = 0; tries < 100; tries++) {
      try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        if (socket.getLocalPort() < TOO_HIGH) {
          return socket.getLocalPort();
        }
      }
    }
    throw new IOException("there is no free port below " + TOO_HIGH);
  }
}
