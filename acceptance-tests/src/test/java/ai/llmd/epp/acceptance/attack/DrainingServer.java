package ai.llmd.epp.acceptance.attack;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A model server that reads whatever it is sent, keeps nothing of it and answers at once. */
final class DrainingServer implements AutoCloseable {

  private static final byte[] ANSWER =
      "{\"model\":\"m\",\"choices\":[{\"text\":\"x\"}]}".getBytes(StandardCharsets.UTF_8);

  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private DrainingServer(HttpServer http) {
    this.http = http;
  }

  static DrainingServer start() throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    DrainingServer server = new DrainingServer(http);
    http.setExecutor(server.threads);
    http.createContext("/", DrainingServer::drain);
    http.start();
    return server;
  }

  private static void drain(HttpExchange exchange) throws IOException {
    try (exchange) {
      var _ = exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, ANSWER.length);
      exchange.getResponseBody().write(ANSWER);
    }
  }

  int port() {
    return http.getAddress().getPort();
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
