package ai.llmd.epp.adapter.admin;

import ai.llmd.epp.application.port.out.AccessReview;
import ai.llmd.epp.tls.CertificateStatus;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves pages to operators on the metrics port: HTTP/1.1, one virtual thread per request, GET
 * only. A page that fails answers 500 and is logged; it never touches the request path.
 */
public final class AdminServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AdminServer.class);

  private static final int BACKLOG = 64;

  private static final int LENGTH_UNKNOWN = 0; // in the words of HttpExchange
  private static final int NO_BODY = -1;

  /** Read by the JDK's server once, before its first connection; off by default. */
  private static final String NO_DELAY = "sun.net.httpserver.nodelay";

  static {
    // An answer leaves in two writes, headers and body. With Nagle's algorithm the end of the body
    // waits until the client has acknowledged the headers, which it delays by 40 ms.
    if (System.getProperty(NO_DELAY) == null) {
      System.setProperty(NO_DELAY, "true");
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, AdminPage> pages;
  private final @Nullable ReaderCheck readers;
  private final AdminTls.@Nullable Opened tls;

  private AdminServer(
      HttpServer server,
      Map<String, AdminPage> pages,
      @Nullable ReaderCheck readers,
      AdminTls.@Nullable Opened tls) {
    this.server = server;
    this.pages = Map.copyOf(pages);
    this.readers = readers;
    this.tls = tls;
  }

  /**
   * Where to serve, and to whom.
   *
   * @param address of the interface to serve; empty for all
   * @param port 0 takes a free one
   * @param tls null for plain HTTP
   * @param access who may read; null when all may
   * @param openPaths pages that need no permission
   */
  public record Settings(
      String address,
      int port,
      @Nullable AdminTls tls,
      @Nullable AccessReview access,
      Set<String> openPaths) {

    public Settings {
      openPaths = Set.copyOf(openPaths);
    }
  }

  /**
   * Binds and serves at once.
   *
   * @param pages by exact path
   * @throws IOException when the port cannot be bound, naming it, or a file for TLS cannot be used
   */
  public static AdminServer start(Settings settings, Map<String, AdminPage> pages)
      throws IOException {
    AdminTls.Opened tls = settings.tls() == null ? null : settings.tls().open();
    try {
      ReaderCheck readers =
          settings.access() == null
              ? null
              : new ReaderCheck(settings.access(), settings.openPaths());
      AdminServer admin = new AdminServer(bind(settings, tls), pages, readers, tls);
      admin.server.setExecutor(admin.threads);
      admin.server.createContext("/", admin::serve);
      admin.server.start();
      return admin;
    } catch (IOException | RuntimeException e) {
      if (tls != null) {
        tls.close();
      }
      throw e;
    }
  }

  private static HttpServer bind(Settings settings, AdminTls.@Nullable Opened tls)
      throws IOException {
    InetSocketAddress address =
        settings.address().isEmpty()
            ? new InetSocketAddress(settings.port())
            : new InetSocketAddress(settings.address(), settings.port());
    if (address.isUnresolved()) {
      throw new IOException("metrics address " + settings.address() + " is not known");
    }
    try {
      if (tls == null) {
        return HttpServer.create(address, BACKLOG);
      }
      HttpsServer https = HttpsServer.create(address, BACKLOG);
      https.setHttpsConfigurator(tls.configurator());
      return https;
    } catch (BindException e) {
      throw new IOException(
          "metrics port " + settings.port() + " cannot be bound: " + e.getMessage(), e);
    }
  }

  /** Its certificate; null without TLS. */
  public @Nullable CertificateStatus certificate() {
    return tls == null ? null : tls.identity().status();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      AdminPage.Answer answer = refusal(exchange).orElseGet(() -> answer(exchange));
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      boolean isHead = exchange.getRequestMethod().equals("HEAD");
      try (AdminPage.Stream stream = answer.stream()) {
        if (stream != null && !isHead) {
          exchange.sendResponseHeaders(answer.status(), LENGTH_UNKNOWN);
          stream.writeTo(exchange.getResponseBody());
          return;
        }
        byte[] body = answer.body();
        boolean hasBody = body.length > 0 && !isHead;
        exchange.sendResponseHeaders(answer.status(), hasBody ? body.length : NO_BODY);
        if (hasBody) {
          exchange.getResponseBody().write(body);
        }
      }
    }
  }

  private Optional<AdminPage.Answer> refusal(HttpExchange exchange) {
    if (OtherSites.isAsking(exchange.getRequestHeaders())) {
      return Optional.of(AdminPage.Answer.text(403, "not for pages of other sites\n"));
    }
    return readers == null
        ? Optional.empty()
        : readers.refusal(
            exchange.getRequestURI().getPath(),
            exchange.getRequestMethod(),
            exchange.getRequestHeaders());
  }

  private AdminPage.Answer answer(HttpExchange exchange) {
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
    threads.shutdownNow(); // a page that streams, or records for minutes, has no reader any more
    threads.close();
    if (tls != null) {
      tls.close();
    }
  }
}
