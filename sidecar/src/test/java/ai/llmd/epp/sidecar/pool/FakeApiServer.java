package ai.llmd.epp.sidecar.pool;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** An API server that lists what a test says, and tells changes when the test does. */
final class FakeApiServer implements AutoCloseable {

  /** Ends a watch. */
  static final String END = "end";

  private final HttpServer server;
  private final Map<String, String> lists = new ConcurrentHashMap<>();
  private final Map<String, BlockingQueue<String>> events = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile String authorization = "";
  private final AtomicInteger silentLists = new AtomicInteger();

  FakeApiServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  String base() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What a path lists from now on: objects, separated by commas. */
  void list(String path, String objects) {
    lists.put(path, objects);
  }

  /** The next lists stop in the middle, and their connections stay open. */
  void fallSilentInLists(int count) {
    silentLists.set(count);
  }

  void tell(String path, String type, String object) {
    queue(path).add("{\"type\":\"" + type + "\",\"object\":" + object + "}\n");
  }

  void endWatch(String path) {
    queue(path).add(END);
  }

  List<String> asked() {
    return asked;
  }

  String authorization() {
    return authorization;
  }

  private BlockingQueue<String> queue(String path) {
    return events.computeIfAbsent(path, any -> new LinkedBlockingQueue<>());
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      asked.add(exchange.getRequestURI().toString());
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      authorization = given == null ? "" : given;
      String objects = lists.get(path);
      if (objects == null) {
        exchange.sendResponseHeaders(403, -1);
      } else if (exchange.getRequestURI().getQuery().contains("watch=true")) {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().flush();
        watch(exchange, queue(path));
      } else {
        byte[] body =
            ("{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[" + objects + "]}")
                .getBytes(UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        if (silentLists.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
          exchange.getResponseBody().write(body, 0, body.length / 2);
          exchange.getResponseBody().flush();
          watch(exchange, queue("silence"));
        }
        exchange.getResponseBody().write(body);
      }
    }
  }

  private static void watch(HttpExchange exchange, BlockingQueue<String> told) throws IOException {
    try {
      for (String next = told.take(); !next.equals(END); next = told.take()) {
        exchange.getResponseBody().write(next.getBytes(UTF_8));
        exchange.getResponseBody().flush();
        if (next.contains("\"ERROR\"")) {
          return; // the last event of a watch
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
