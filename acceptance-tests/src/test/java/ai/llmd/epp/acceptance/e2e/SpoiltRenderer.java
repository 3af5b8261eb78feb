package ai.llmd.epp.acceptance.e2e;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.Reply;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A renderer before a real one, whose answers are late, wrong, or none. */
final class SpoiltRenderer implements AutoCloseable {

  private static final Pattern FIRST_TOKEN = Pattern.compile("\"token_ids\":\\[");

  /** How it answers. */
  enum Fault {
    NONE,
    FROZEN,
    SLOW,
    WRONG,
    DEAD
  }

  private final Client renderer;
  private final Duration late;
  private final int port;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile Fault fault = Fault.NONE;
  private CompletableFuture<Void> thawed = new CompletableFuture<>(); // guarded by this
  private HttpServer http;

  /**
   * @param port where it answers, also after it was dead
   * @param real port of the real one
   * @param late by which time a slow one answers
   */
  SpoiltRenderer(int port, int real, Duration late) throws IOException {
    this.renderer = Client.of(real);
    this.late = late;
    this.port = port;
    this.http = serve();
  }

  private HttpServer serve() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
    return server;
  }

  int port() {
    return port;
  }

  /** How it answers from now on; those that wait are let go. */
  synchronized void spoil(Fault with) throws IOException {
    boolean wasDead = fault == Fault.DEAD;
    fault = with;
    thawed.complete(null);
    thawed = new CompletableFuture<>();
    if (with == Fault.DEAD) {
      http.stop(0);
    } else if (wasDead) {
      http = serve();
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Reply reply = renderer.post(exchange.getRequestURI().getPath(), body);
      String text = reply.body();
      switch (fault) {
        case FROZEN -> frozen().join();
        case SLOW ->
            CompletableFuture.runAsync(
                    () -> {},
                    CompletableFuture.delayedExecutor(late.toMillis(), TimeUnit.MILLISECONDS))
                .join();
        case WRONG -> text = FIRST_TOKEN.matcher(text).replaceFirst("\"token_ids\":[7,");
        default -> {}
      }
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("content-type", "application/json");
      exchange.sendResponseHeaders(reply.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (UncheckedIOException e) {
      throw new IOException(e);
    }
  }

  private synchronized CompletableFuture<Void> frozen() {
    return fault == Fault.FROZEN ? thawed : CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized void close() {
    thawed.complete(null);
    http.stop(0);
    threads.shutdownNow();
  }
}
