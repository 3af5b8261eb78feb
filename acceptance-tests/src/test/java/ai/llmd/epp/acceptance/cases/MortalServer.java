package ai.llmd.epp.acceptance.cases;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** An idle model server that can die, come back on its port, and fail its requests. */
final class MortalServer implements AutoCloseable {

  private static final byte[] ANSWER = {'{', '}'};

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer http;
  private volatile int status = 200;

  private MortalServer() {
    this.http = start(0);
  }

  static MortalServer start() {
    return new MortalServer();
  }

  private HttpServer start(int port) {
    return IdleServer.start(port, threads, this::answer);
  }

  int port() {
    return http.getAddress().getPort();
  }

  /** Requests that reached it, polls aside. */
  int requests() {
    return requests.get();
  }

  /** The status of every further answer; polls are answered with 200 as ever. */
  void answersWith(int newStatus) {
    status = newStatus;
  }

  /** Closes the port and all connections. */
  void die() {
    http.stop(0);
  }

  /** Listens on the same port again. */
  void comeBack() {
    http = start(port());
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    requests.incrementAndGet();
    IdleServer.answer(exchange, status, "application/json", ANSWER);
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
