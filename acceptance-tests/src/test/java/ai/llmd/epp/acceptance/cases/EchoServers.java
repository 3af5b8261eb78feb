package ai.llmd.epp.acceptance.cases;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/** Idle model servers that answer every request with 200 and the bytes of its body. */
final class EchoServers implements AutoCloseable {

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<HttpServer> servers;

  private EchoServers(int count) {
    this.servers =
        Stream.generate(() -> IdleServer.start(0, threads, EchoServers::echo))
            .limit(count)
            .toList();
  }

  static EchoServers start(int count) {
    return new EchoServers(count);
  }

  private static void echo(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    IdleServer.answer(exchange, 200, "application/json", body);
  }

  List<Integer> ports() {
    return servers.stream().map(server -> server.getAddress().getPort()).toList();
  }

  @Override
  public void close() {
    servers.forEach(server -> server.stop(0));
    threads.shutdownNow();
  }
}
