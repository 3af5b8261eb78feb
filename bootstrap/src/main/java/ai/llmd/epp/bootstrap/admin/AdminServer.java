package ai.llmd.epp.bootstrap.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves pages to operators on the metrics port: plain HTTP, one virtual thread per request, GET
 * only. A page that fails answers 500 and is logged; it never touches the request path.
 */
public final class AdminServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AdminServer.class);

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private AdminServer(HttpServer server) {
    this.server = server;
  }

  /**
   * Binds and serves at once.
   *
   * @param port 0 takes a free one
   * @param pages by exact path
   * @throws IOException when the port cannot be bound, naming it
   */
  public static AdminServer start(int port, Map<String, AdminPage> pages) throws IOException {
    HttpServer http;
    try {
      http = HttpServer.create(new InetSocketAddress(port), 64);
    } catch (BindException e) {
      throw new IOException("metrics port " + port + " cannot be bound: " + e.getMessage(), e);
    }
    AdminServer admin = new AdminServer(http);
    http.setExecutor(admin.threads);
    http.createContext("/", exchange -> admin.serve(exchange, pages));
    http.start();
    return admin;
  }

  public int port() {
    return server.getAddress().getPort();
  }

  private void serve(HttpExchange exchange, Map<String, AdminPage> pages) throws IOException {
    try (exchange) {
      AdminPage.Answer answer = answer(exchange, pages);
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      byte[] body = answer.body();
      boolean hasBody = body.length > 0 && !exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(answer.status(), hasBody ? body.length : -1);
      if (hasBody) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  private static AdminPage.Answer answer(HttpExchange exchange, Map<String, AdminPage> pages) {
    AdminPage page = pages.get(exchange.getRequestURI().getPath());
    if (page == null) {
      return AdminPage.Answer.text(404, "404 page not found\n");
    }
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return new AdminPage.Answer(
          405, Map.of("Allow", "GET"), "method not allowed\n".getBytes(StandardCharsets.UTF_8));
    }
    try {
      return page.get(AdminPage.Request.of(exchange));
    } catch (IllegalArgumentException e) {
      return AdminPage.Answer.text(400, e.getMessage() + "\n");
    } catch (IOException | RuntimeException e) {
      log.atError()
          .addKeyValue("path", exchange.getRequestURI().getPath())
          .setCause(e)
          .log("admin page failed");
      return AdminPage.Answer.text(500, "internal error\n");
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
