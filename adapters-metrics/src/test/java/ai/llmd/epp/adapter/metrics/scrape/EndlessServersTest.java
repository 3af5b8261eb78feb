package ai.llmd.epp.adapter.metrics.scrape;

import static ai.llmd.epp.adapter.metrics.scrape.Scraping.CORE;
import static ai.llmd.epp.adapter.metrics.scrape.Scraping.SETTINGS;
import static ai.llmd.epp.adapter.metrics.scrape.Scraping.SOURCE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.domain.pool.EndpointState;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Model servers without an end, many at once: the loop that reads them reads the others, too. */
class EndlessServersTest {

  private static final int TRICKLERS = 200;
  private static final int FLOODS = 20;

  private final Scraping scraping = new Scraping();
  private final CountDownLatch end = new CountDownLatch(1);
  private final List<FakeModelServer> servers = new ArrayList<>();

  @AfterEach
  void close() {
    end.countDown();
    scraping.close();
    servers.forEach(FakeModelServer::close);
  }

  /** What is sent over and over, after how it begins. */
  enum Flood {
    COMMENTS("HTTP/1.1 200 OK\r\n\r\n", "# nothing\n"),
    ONE_LINE("HTTP/1.1 200 OK\r\n\r\n", "vllm:num_requests_waiting"),
    ONE_CHUNK("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n", "x 1\n"),
    EMPTY_LINES("HTTP/1.1 200 OK\r\n\r\n", "\n"),
    SAMPLES("HTTP/1.1 200 OK\r\n\r\n", "vllm:num_requests_waiting{engine=\"1\"} 1\n"),
    HEADERS("HTTP/1.1 200 OK\r\n", "a: b\r\n"),
    STATUS("HTTP/1.1 200 ", "OK OK OK "),
    EXTENSION("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "extension;"),
    TRAILERS("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "a: b\r\n"),
    INTERIM_ANSWERS("", "HTTP/1.1 103 Early Hints\r\n\r\n"),
    ANSWERS("", "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"),
    REDIRECTS("", "HTTP/1.1 302 There\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"),
    BODY_OF_A_REDIRECT("HTTP/1.1 302 There\r\nLocation: /x\r\n\r\n", "go there\n");

    private final String beginning;
    private final String more;

    Flood(String beginning, String more) {
      this.beginning = beginning;
      this.more = more;
    }

    private boolean to(OutputStream out) throws IOException {
      FakeModelServer.write(out, beginning);
      byte[] many = more.repeat(2000).getBytes(UTF_8);
      while (true) {
        out.write(many);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void floodsLeaveTimeForOthers(Flood flood) {
    MetricsScraper scraper = scraping.scraper();
    add(scraper, FLOODS, serving((path, out) -> flood.to(out)));

    assertReadsOthers(scraper);
    await().until(() -> scraping.observer.pollErrors.get() > FLOODS);
  }

  @Test
  void manyThatTrickleLeaveTimeForOthers() {
    MetricsScraper scraper = scraping.scraper();
    FakeModelServer trickler = serving((path, out) -> trickle(out));
    add(scraper, TRICKLERS, trickler);
    await().until(() -> trickler.connections.get() >= TRICKLERS);

    assertReadsOthers(scraper);
    await().until(() -> scraping.observer.pollErrors.get() > TRICKLERS);
  }

  private boolean trickle(OutputStream out) throws IOException {
    FakeModelServer.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    while (!endsWithin(20)) {
      FakeModelServer.write(out, "m");
    }
    return false;
  }

  private boolean endsWithin(int millis) {
    try {
      return end.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** As many series as fit into a page, of as many engines as are kept, in no order. */
  @Test
  void pagesAsLargeAsTheyMayBeAreReadLessOften() {
    StringBuilder page = new StringBuilder("# TYPE vllm:num_requests_waiting gauge\n");
    for (int i = 0; page.length() < SETTINGS.maxPageBytes() - 100; i++) {
      page.append("vllm:num_requests_waiting{engine=\"").append(i * 7919 % 1024).append("\"} 1\n");
    }
    String large = page.toString();
    FakeModelServer server = serving((path, out) -> FakeModelServer.ok(out, large));
    ScrapeSettings patient =
        new ScrapeSettings(
            SETTINGS.tick(),
            Duration.ofMinutes(1),
            SETTINGS.idleAfter(),
            SETTINGS.idleTick(),
            SETTINGS.maxPageBytes(),
            SETTINGS.maxLineBytes(),
            1);
    MetricsScraper scraper = scraping.scraper(patient, new ScrapedSource(SOURCE, List.of(CORE)));
    EndpointState bad = server.endpoint(1);
    scraper.added(bad);
    assertReadsOthers(scraper);
    await().until(() -> bad.load().waitingRequests() == 1024);
    int usual = scraping.server.requests.get();
    int rare = server.requests.get();
    await().until(() -> scraping.server.requests.get() >= usual + 40);

    assertThat(server.requests.get() - rare).isLessThan(20);
  }

  private FakeModelServer serving(FakeModelServer.Answer answer) {
    FakeModelServer server = new FakeModelServer(answer);
    servers.add(server);
    return server;
  }

  private static void add(MetricsScraper scraper, int endpoints, FakeModelServer server) {
    for (int slot = 1; slot <= endpoints; slot++) {
      scraper.added(server.endpoint(slot));
    }
  }

  private void assertReadsOthers(MetricsScraper scraper) {
    EndpointState good = scraping.server.endpoint(0);
    scraper.added(good);
    for (int waiting = 1; waiting <= 5; waiting++) {
      int expected = waiting;
      scraping.server.waitingRequests.set(waiting);
      await().until(() -> good.load().waitingRequests() == expected);
    }
  }
}
