package ai.llmd.epp.traces.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpSenderTest {

  private static final byte[] SPANS = new byte[300_000]; // more than sockets hold at once
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<HttpExchange> seen = new CopyOnWriteArrayList<>();
  private final List<byte[]> bodies = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  HttpSenderTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private Collector answeredBy(HttpHandler handler, Duration timeout, boolean isCompressed) {
    server.createContext(
        "/v1/traces",
        exchange -> {
          seen.add(exchange);
          handler.handle(exchange);
        });
    server.start();
    return collector(server.getAddress().getPort(), timeout, isCompressed);
  }

  private static Collector collector(int port, Duration timeout, boolean isCompressed) {
    return new Collector(
        URI.create("http://127.0.0.1:" + port + "/v1/traces"),
        Map.of("x-token", "secret"),
        timeout,
        isCompressed,
        null);
  }

  private void take(HttpExchange exchange, int status) throws IOException {
    bodies.add(exchange.getRequestBody().readAllBytes());
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private void hang() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void spansArriveAsTheyAre() throws Exception {
    try (SpanSender sender =
        HttpSender.to(answeredBy(exchange -> take(exchange, 200), LONG, false))) {
      sender.send(SPANS);
      sender.send(SPANS);
    }

    assertThat(bodies).hasSize(2).allSatisfy(body -> assertThat(body).isEqualTo(SPANS));
    assertThat(seen.getFirst().getRequestHeaders())
        .containsEntry("Content-type", List.of("application/x-protobuf"))
        .containsEntry("X-token", List.of("secret"));
  }

  @Test
  void compressedTheyAreMarkedAsSuch() throws Exception {
    HttpHandler unzips =
        exchange -> {
          bodies.add(new GZIPInputStream(exchange.getRequestBody()).readAllBytes());
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        };
    try (SpanSender sender = HttpSender.to(answeredBy(unzips, LONG, true))) {
      sender.send(SPANS);
    }

    assertThat(bodies.getFirst()).isEqualTo(SPANS);
    assertThat(seen.getFirst().getRequestHeaders().getFirst("Content-Encoding")).isEqualTo("gzip");
  }

  @Test
  void aCollectorThatIsBusyIsAskedAgain() throws Exception {
    HttpHandler busyOnce = exchange -> take(exchange, bodies.isEmpty() ? 503 : 200);
    try (SpanSender sender = HttpSender.to(answeredBy(busyOnce, LONG, false))) {
      sender.send(SPANS);
    }

    assertThat(bodies).hasSize(2);
  }

  @Test
  void whatACollectorRefusesIsNotSentAgain() throws Exception {
    try (SpanSender sender =
        HttpSender.to(answeredBy(exchange -> take(exchange, 400), LONG, false))) {
      assertThatThrownBy(() -> sender.send(SPANS))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("400");
    }

    assertThat(bodies).hasSize(1);
  }

  @Test
  void anAnswerThatDoesNotComeIsGivenUp() throws Exception {
    try (SpanSender sender = HttpSender.to(answeredBy(exchange -> hang(), SHORT, false))) {
      assertThatThrownBy(() -> sender.send(SPANS)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void anAnswerThatDoesNotEndIsGivenUp() throws Exception {
    HttpHandler endless =
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(1);
          exchange.getResponseBody().flush();
          hang();
        };
    try (SpanSender sender = HttpSender.to(answeredBy(endless, SHORT, false))) {
      assertThatThrownBy(() -> sender.send(SPANS)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aCollectorThatReadsNothingIsGivenUp() throws Exception {
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SpanSender sender = HttpSender.to(collector(deaf.getLocalPort(), SHORT, false))) {
      assertThatThrownBy(() -> sender.send(new byte[16 << 20])).isInstanceOf(IOException.class);
    }
  }

  @Test
  void anInterruptEndsTheWait() throws Exception {
    try (SpanSender sender = HttpSender.to(answeredBy(exchange -> hang(), LONG, false))) {
      Thread.currentThread().interrupt();

      assertThatThrownBy(() -> sender.send(SPANS)).isInstanceOf(InterruptedException.class);
    }
  }
}
