package ai.llmd.epp.traces.otlp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSenderTest {

  private static final byte[] SPANS = new byte[300_000]; // more than sockets hold at once
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<HttpExchange> seen = new CopyOnWriteArrayList<>();
  private final List<byte[]> bodies = new CopyOnWriteArrayList<>();
  private final HttpServer server; // started when it is needed

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

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    return head.toString();
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
  void theEndOfASuccessIsNotWaitedFor() throws Exception {
    HttpHandler endless =
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(1);
          exchange.getResponseBody().flush();
          hang();
        };
    try (SpanSender sender = HttpSender.to(answeredBy(endless, LONG, false))) {
      sender.send(SPANS);
      sender.send(SPANS);
    }

    assertThat(seen).hasSize(2);
  }

  @Test
  void aCollectorThatReadsNothingIsGivenUp() throws Exception {
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SpanSender sender = HttpSender.to(collector(deaf.getLocalPort(), SHORT, false))) {
      assertThatThrownBy(() -> sender.send(new byte[16 << 20])).isInstanceOf(IOException.class);
    }
  }

  @Test
  void theEndOfTheProgramEndsTheWait() throws Exception {
    SpanSender sender = HttpSender.to(answeredBy(exchange -> hang(), LONG, false));
    Future<?> waiting =
        threads.submit(
            () -> {
              sender.send(SPANS);
              return true;
            });
    await().until(() -> !seen.isEmpty());

    sender.close();

    assertThatThrownBy(waiting::get).hasCauseInstanceOf(IOException.class);
  }

  @Test
  void aPauseBetweenAttemptsEndsByAnInterrupt() throws Exception {
    try (SpanSender sender =
        HttpSender.to(answeredBy(exchange -> take(exchange, 503), LONG, false))) {
      Thread.currentThread().interrupt();

      assertThatThrownBy(() -> sender.send(SPANS)).isInstanceOf(InterruptedException.class);
    }
  }

  /** Answers each connection's only request with this, and closes it. */
  private Collector rawly(String answer) throws IOException {
    ServerSocket socket = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
    threads.execute(
        () -> {
          try (socket) {
            while (over.getCount() > 0) {
              try (Socket client = socket.accept()) {
                String head = head(client.getInputStream());
                bodies.add(client.getInputStream().readNBytes(SPANS.length));
                client.getOutputStream().write((head.isEmpty() ? "" : answer).getBytes(ISO_8859_1));
              }
            }
          } catch (IOException e) {
            // the test is over
          }
        });
    return collector(socket.getLocalPort(), SHORT.multipliedBy(30), false);
  }

  @Test
  void aConnectionThatWasClosedMeanwhileIsReplaced() throws Exception {
    Collector collector =
        rawly("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    try (SpanSender sender = HttpSender.to(collector)) {
      for (int i = 0; i < 3; i++) {
        sender.send(SPANS);
      }
    }

    assertThat(bodies).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.0 200 OK\n\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 202 Accepted\r\nConnection: close\r\ncontent-length: 0\r\n\r\n"
      })
  void everyKindOfSuccessIsOne(String answer) throws Exception {
    try (SpanSender sender = HttpSender.to(rawly(answer))) {
      sender.send(SPANS);
      sender.send(SPANS);
    }

    assertThat(bodies).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\r\n\r\n",
        "HTTP/1.1 ok\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"
      })
  void whatIsNoAnswerIsAFailure(String answer) throws Exception {
    try (SpanSender sender = HttpSender.to(rawly(answer))) {
      assertThatThrownBy(() -> sender.send(SPANS)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aHeadWithoutEndIsGivenUp() throws Exception {
    try (SpanSender sender = HttpSender.to(rawly("HTTP/1.1 200 OK\r\nx: " + "y".repeat(20_000)))) {
      assertThatThrownBy(() -> sender.send(SPANS))
          .isInstanceOf(IOException.class)
          .hasStackTraceContaining("too long");
    }
  }
}
