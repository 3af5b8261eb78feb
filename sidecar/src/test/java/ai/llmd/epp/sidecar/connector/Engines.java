package ai.llmd.epp.sidecar.connector;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.sidecar.RunningSidecar;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** Model servers of a test, which note what they are asked. */
public final class Engines implements AutoCloseable {

  private static final int ATTEMPTS = 20;

  private final List<HttpServer> servers = new ArrayList<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  /** One request as it came. */
  public record Asked(String server, String path, Headers headers, String body) {}

  /** Answers a request. */
  public interface Script {

    void answer(HttpExchange exchange, String body) throws IOException;
  }

  /** Opens one; returns its port. */
  public int add(String name, Script script) {
    try {
      return addAt(0, name, script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Opens some on ports that follow each other; returns the first. */
  public int addRow(List<String> names, Script script) {
    for (int i = 0; i < ATTEMPTS; i++) {
      int first = RunningSidecar.freePort();
      try {
        for (String name : names) {
          addAt(first + names.indexOf(name), name, script);
        }
        return first;
      } catch (IOException | IllegalArgumentException e) {
        // one of them is taken
      }
    }
    throw new IllegalStateException("no row of free ports");
  }

  private int addAt(int port, String name, Script script) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            asked.add(
                new Asked(
                    name, exchange.getRequestURI().toString(), exchange.getRequestHeaders(), body));
            script.answer(exchange, body);
          }
        });
    server.start();
    servers.add(server);
    return server.getAddress().getPort();
  }

  /** Always the same answer. */
  public int add(String name, int status, String body) {
    return add(name, (exchange, ignored) -> send(exchange, status, body));
  }

  public static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  public List<Asked> asked(String server) {
    return asked.stream().filter(one -> one.server().equals(server)).toList();
  }

  @Override
  public void close() {
    servers.forEach(server -> server.stop(0));
  }
}
