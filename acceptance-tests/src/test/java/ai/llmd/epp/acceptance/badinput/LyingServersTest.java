package ai.llmd.epp.acceptance.badinput;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import com.sun.net.httpserver.HttpHandler;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A metrics page that does not tell the load: no pick waits for it, and it draws no more than its
 * share.
 */
class LyingServersTest {

  private static final int REQUESTS = 120;

  /** A quarter, and three standard deviations of chance. */
  private static final int MOST = REQUESTS / 4 + 15;

  private static final String CONFIGURATION =
      RunningPicker.configuration("queue-scorer", "kv-cache-utilization-scorer");

  private final List<ModelServer> servers = new ArrayList<>();
  private final ModelServer bad = ModelServer.start("bad", "127.0.0.1");
  private final CountDownLatch released = new CountDownLatch(1);

  LyingServersTest() {
    for (int i = 0; i < 3; i++) {
      servers.add(ModelServer.loaded("good-" + i, 1, 0.1));
    }
    servers.add(bad);
  }

  @AfterEach
  void stop() {
    released.countDown();
    servers.forEach(ModelServer::close);
  }

  private void drawsNoMoreThanItsShare(HttpHandler page) {
    bad.answers(page);
    try (RunningPicker picker = RunningPicker.startUnawares(CONFIGURATION, servers)) {
      await()
          .until(() -> servers.stream().allMatch(server -> server.scrapes() > 1 || server == bad));
      await().until(() -> bad.scrapes() > 0);
      int drawn = 0;
      List<Long> millis = new ArrayList<>();
      for (int i = 0; i < REQUESTS; i++) {
        long startedAt = System.nanoTime();
        String destination =
            Asking.route(picker, Map.of(), completion("m", "prompt " + i)).destination();
        millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt));
        drawn += destination.equals(bad.hostPort()) ? 1 : 0;
      }
      Collections.sort(millis);
      assertThat(drawn).as("of %d", REQUESTS).isLessThan(MOST);
      assertThat(millis.get(REQUESTS / 2)).as("the median pick: %s", millis).isLessThan(100);
    }
  }

  private void afterReleaseOr(long seconds) {
    try {
      released.await(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aPageThatNeverComes() {
    drawsNoMoreThanItsShare(exchange -> afterReleaseOr(600));
  }

  @Test
  void aPageThatComesAfterTenSeconds() {
    byte[] idle = "vllm:num_requests_waiting 0\nvllm:kv_cache_usage_perc 0\n".getBytes(UTF_8);
    drawsNoMoreThanItsShare(
        exchange -> {
          afterReleaseOr(10);
          exchange.sendResponseHeaders(200, idle.length);
          exchange.getResponseBody().write(idle);
        });
  }

  @Test
  void aPageWithoutAnEnd() {
    byte[] line = "vllm:num_requests_waiting 0\n".getBytes(UTF_8);
    drawsNoMoreThanItsShare(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          while (released.getCount() > 0) {
            exchange.getResponseBody().write(line);
          }
        });
  }

  @Test
  void aPageWithValuesThatCannotBe() {
    byte[] wrong =
        """
        # TYPE vllm:num_requests_waiting gauge
        vllm:num_requests_waiting{model_name="m"} many
        # TYPE vllm:num_requests_running gauge
        vllm:num_requests_running{model_name="m"} -Inf
        # TYPE vllm:kv_cache_usage_perc gauge
        vllm:kv_cache_usage_perc{model_name="m"} NaN
        """
            .getBytes(UTF_8);
    drawsNoMoreThanItsShare(
        exchange -> {
          exchange.sendResponseHeaders(200, wrong.length);
          exchange.getResponseBody().write(wrong);
        });
  }

  /** Read as 0, as the reference does, a full cache would be the emptiest of all. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# TYPE vllm:kv_cache_usage_perc untyped\n",
        "# TYPE vllm:kv_cache_usage_perc summary\n"
      })
  void aPageWithACacheUseThatIsNotDeclaredANumber(String declaration) {
    byte[] page =
        """
        # TYPE vllm:num_requests_waiting gauge
        vllm:num_requests_waiting{model_name="m"} 1
        %svllm:kv_cache_usage_perc{model_name="m"} 0.9
        """
            .formatted(declaration)
            .getBytes(UTF_8);
    drawsNoMoreThanItsShare(
        exchange -> {
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
        });
  }
}
