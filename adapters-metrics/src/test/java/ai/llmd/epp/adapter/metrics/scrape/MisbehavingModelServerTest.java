package ai.llmd.epp.adapter.metrics.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.port.in.NotePolls;
import ai.llmd.epp.domain.pool.EndpointState;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each server first shows a bad habit, beside a good neighbour on the same event loop, and then
 * comes to its senses: the errors are counted, the neighbour notices nothing, the numbers are back.
 */
class MisbehavingModelServerTest {

  private static final ScrapeSettings SETTINGS =
      new ScrapeSettings(
          Duration.ofMillis(20),
          Duration.ofSeconds(1),
          Duration.ZERO,
          Duration.ofMillis(20),
          1 << 20,
          64 << 10,
          1);

  private final CountingObserver observer = new CountingObserver();
  private final FakeModelServer neighbour = FakeModelServer.wellBehaved();
  private final FakeModelServer server = FakeModelServer.wellBehaved();
  private final EndpointState good = neighbour.endpoint(0);
  private final EndpointState bad = server.endpoint(1);
  private MetricsScraper scraper;

  @BeforeEach
  void scrape() {
    scraper =
        new MetricsScraper(
            SETTINGS,
            List.of(
                new ScrapedSource(
                    new HttpMetricsDataSource(HttpMetricsDataSource.Parameters.DEFAULTS),
                    List.of(new CoreMetricsExtractor(CoreMetricsExtractor.Parameters.DEFAULTS)))),
            observer,
            NotePolls.NONE,
            new ScrapePauses(),
            System::nanoTime);
    scraper.added(good);
  }

  @AfterEach
  void close() {
    scraper.close();
    server.close();
    neighbour.close();
  }

  private void assertCountedAndForgiven(FakeModelServer.Answer habit) {
    server.answer(habit);
    scraper.added(bad);
    await().until(() -> observer.pollErrors.get() >= 3);
    assertThat(bad.load().isSampled()).isFalse();
    neighbour.waitingRequests.set(2);
    await().until(() -> good.load().waitingRequests() == 2);
    server.waitingRequests.set(1);
    server.answering();
    await().until(() -> bad.load().waitingRequests() == 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops",
        "HTTP/1.1 500 Oops\r\nConnection: close\r\nContent-Length: 4\r\n\r\noops",
        "HTTP/1.1 204 Nothing\r\n\r\n",
        "HTTP/1.1 101 Other\r\n\r\n",
        "HTTP/1.1 302 There\r\nLocation: http://127.0.0.9:1/metrics\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 There\r\nLocation: /metrics\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 There\r\nLocation: ::\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 There\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\u001f\u0001",
        "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n<html></html",
        "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nm{bad 7\u0007",
        "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nm 1\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nm 1\n\r\n0\r\n\r\n",
        "220 ftp ready\r\n",
        "\u0000\u0001\u0002\u0003\r\n\r\n",
      })
  void survivesABadAnswer(String answer) {
    assertCountedAndForgiven((path, out) -> FakeModelServer.write(out, answer));
  }

  @Test
  void survivesAnAnswerThatIsCutOff() {
    assertCountedAndForgiven(
        (path, out) -> {
          FakeModelServer.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nm 1\n");
          return false;
        });
  }

  @Test
  void survivesAPageWithoutLengthThatIsCutOff() {
    assertCountedAndForgiven(
        (path, out) -> {
          FakeModelServer.write(out, "HTTP/1.1 200 OK\r\n\r\n# TYPE m gauge\nm 1");
          return false;
        });
  }

  @Test
  void survivesSilence() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    assertCountedAndForgiven(
        (path, out) -> {
          endsWithin(end, 10_000);
          return false;
        });
    end.countDown();
  }

  @Test
  void survivesADrip() {
    CountDownLatch end = new CountDownLatch(1);
    assertCountedAndForgiven(
        (path, out) -> {
          FakeModelServer.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
          for (int i = 0; i < 100_000 && !endsWithin(end, 5); i++) {
            FakeModelServer.write(out, "m");
          }
          return false;
        });
    end.countDown();
  }

  @Test
  void survivesAnEndlessHeader() {
    assertCountedAndForgiven(
        (path, out) -> {
          FakeModelServer.write(out, "HTTP/1.1 200 OK\r\n");
          for (int i = 0; i < 1 << 20; i++) {
            FakeModelServer.write(out, "x-" + i + ": y\r\n");
          }
          return false;
        });
  }

  @Test
  void boundsTheMemoryThatAHugePageCosts() {
    long before = directBytes();
    AtomicLong most = new AtomicLong();
    AtomicLong written = new AtomicLong();
    byte[] lines = "# just a comment\n".repeat(4096).getBytes(UTF_8);
    assertCountedAndForgiven(
        (path, out) -> {
          FakeModelServer.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n");
          for (int i = 0; i < 104857600 / lines.length; i++) {
            write(out, lines);
            written.addAndGet(lines.length);
            most.accumulateAndGet(directBytes(), Math::max);
          }
          return false;
        });
    assertThat(written).hasValueGreaterThan(SETTINGS.maxPageBytes());
    assertThat(most.get() - before).isLessThan(32 << 20);
  }

  @Test
  void boundsTheMemoryThatAnEndlessLineCosts() {
    byte[] noLine = new byte[1 << 16];
    Arrays.fill(noLine, (byte) 'm');
    assertCountedAndForgiven(
        (path, out) -> {
          FakeModelServer.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n");
          for (int i = 0; i < 1600; i++) {
            write(out, noLine);
          }
          return false;
        });
  }

  @Test
  void readsAChunkedPage() {
    assertReads(
        (path, out) -> {
          StringBuilder chunks = new StringBuilder("HTTP/1.1 200 OK\r\n");
          chunks.append("Transfer-Encoding: chunked\r\n\r\n");
          for (char c : FakeModelServer.page(4).toCharArray()) {
            chunks.append("1;x=y\r\n").append(c).append("\r\n");
          }
          return FakeModelServer.write(out, chunks.append("0\r\nTrailer: x\r\n\r\n").toString());
        });
    assertThat(server.connections).hasValue(1);
  }

  @Test
  void readsFromAServerThatClosesEveryTime() {
    assertReads(
        (path, out) -> {
          FakeModelServer.write(out, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
          FakeModelServer.write(out, FakeModelServer.page(4));
          return false;
        });
    await().until(() -> server.connections.get() >= 3);
  }

  @Test
  void readsFromAnOldServer() {
    assertReads(
        (path, out) -> {
          FakeModelServer.write(out, "HTTP/1.0 200 OK\r\n\r\n" + FakeModelServer.page(4));
          return false;
        });
  }

  @Test
  void readsAPageAfterAnInterimAnswer() {
    assertReads(
        (path, out) -> {
          FakeModelServer.write(out, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
          return FakeModelServer.ok(out, FakeModelServer.page(4));
        });
  }

  @Test
  void followsARedirectOnTheSameServer() {
    assertReads(
        (path, out) ->
            switch (path) {
              case "/metrics" -> redirect(out, "/metrics/");
              case "/metrics/" -> redirect(out, "http://127.0.0.1:" + server.port() + "/m?a=b");
              case "/m?a=b" -> FakeModelServer.ok(out, FakeModelServer.page(4));
              default -> FakeModelServer.write(out, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
            });
    assertThat(server.connections).hasValue(1);
  }

  @Test
  void asksAgainWhenAKeptConnectionTurnsOutToBeStale() {
    assertReads(
        (path, out) -> {
          if (server.requests.get() % 2 == 0) {
            return false; // closes without a word, as a server that timed out just now
          }
          return FakeModelServer.ok(out, FakeModelServer.page(4));
        });
    await().until(() -> server.connections.get() >= 3);
  }

  @Test
  void doesNotHammerADeadServer() {
    server.close();
    scraper.added(bad);
    await().until(() -> observer.pollErrors.get() >= 4); // after 0, 20, 60 and 140 ms
    int neighbourBefore = neighbour.requests.get();
    int errorsBefore = observer.pollErrors.get();
    await().until(() -> neighbour.requests.get() >= neighbourBefore + 20);
    assertThat(observer.pollErrors.get() - errorsBefore).isLessThan(10);
  }

  @Test
  void readsFromAnIpv6Address() {
    try (FakeModelServer six =
        new FakeModelServer((path, out) -> false, ServerSocketFactory.getDefault(), "::1")) {
      six.answering().waitingRequests.set(6);
      EndpointState endpoint = six.endpoint(2);
      scraper.added(endpoint);
      await().until(() -> endpoint.load().waitingRequests() == 6);
    }
  }

  private void assertReads(FakeModelServer.Answer answer) {
    server.answer(answer);
    scraper.added(bad);
    await().until(() -> bad.load().waitingRequests() == 4);
    int before = server.requests.get();
    await().until(() -> server.requests.get() >= before + 3);
    assertThat(observer.pollErrors).hasValue(0);
  }

  private static boolean redirect(OutputStream out, String location) throws IOException {
    return FakeModelServer.write(
        out, "HTTP/1.1 307 There\r\nLocation: " + location + "\r\nContent-Length: 5\r\n\r\nthere");
  }

  private static void write(OutputStream out, byte[] bytes) throws IOException {
    out.write(bytes);
  }

  private static boolean endsWithin(CountDownLatch end, long millis) {
    try {
      return end.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Direct memory of this JVM, in bytes, as its pools and Netty count it. */
  private static long directBytes() {
    long pools =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return pools + Math.max(0, PlatformDependent.usedDirectMemory());
  }
}
