package ai.llmd.epp.acceptance.badinput;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import com.sun.net.httpserver.HttpHandler;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Metrics pages that are wrong. The other server's load stays known, and requests are routed. */
class BadModelServersTest {

  private static final String CONFIGURATION =
      RunningPicker.configuration("queue-scorer", "kv-cache-utilization-scorer");

  private final ModelServer good = ModelServer.loaded("good", 1, 0.1);
  private final ModelServer bad = ModelServer.start("bad", "127.0.0.1");
  private final CountDownLatch released = new CountDownLatch(1);

  @AfterEach
  void stop() {
    released.countDown();
    good.close();
    bad.close();
  }

  private void withBadPage(HttpHandler page, int enoughScrapes) {
    bad.answers(page);
    try (RunningPicker picker = RunningPicker.startUnawares(CONFIGURATION, List.of(good, bad))) {
      await().untilAsserted(() -> assertThat(bad.scrapes()).isGreaterThanOrEqualTo(enoughScrapes));
      picker.awaitFresh(1);
      int before = good.scrapes();
      await().untilAsserted(() -> assertThat(good.scrapes()).isGreaterThan(before + 2));
      assertThat(Asking.route(picker, Map.of(), completion("m", "x")).destination())
          .isIn(good.hostPort(), bad.hostPort());

      bad.reports(0, 0, 0);
      released.countDown();
      picker.awaitFresh(2);
      assertThat(Asking.route(picker, Map.of(), completion("m", "x")).destination())
          .isEqualTo(bad.hostPort());
    }
  }

  private static HttpHandler page(int status, byte[] content) {
    return exchange -> {
      exchange.sendResponseHeaders(status, content.length);
      exchange.getResponseBody().write(content);
    };
  }

  @Test
  void garbageIsNotTakenForALoad() {
    byte[] garbage = new byte[100_000];
    new Random(1).nextBytes(garbage);
    withBadPage(page(200, garbage), 3);
  }

  @Test
  void aPageWithNothingInItIsNotTakenForALoad() {
    withBadPage(exchange -> exchange.sendResponseHeaders(200, -1), 3);
  }

  @Test
  void aPageThatFailsIsAskedForAgain() {
    withBadPage(page(500, "vllm:num_requests_waiting 0\n".getBytes(StandardCharsets.UTF_8)), 3);
  }

  @Test
  void aPageThatNeverComesBlocksNoRequest() {
    withBadPage(
        exchange -> {
          try {
            released.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        },
        1);
  }

  @Test
  void aPageOfAHundredMegabytesIsNotHeld() {
    byte[] block = "# nothing but comments here\n".repeat(40_000).getBytes(StandardCharsets.UTF_8);
    withBadPage(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          for (int sent = 0; sent < 100_000_000; sent += block.length) {
            exchange.getResponseBody().write(block);
          }
        },
        1);
  }

  @Test
  void aLineWithoutAnEndIsNotHeld() {
    byte[] block = "x".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
    withBadPage(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          for (int i = 0; i < 50; i++) {
            exchange.getResponseBody().write(block);
          }
        },
        1);
  }
}
