package ai.llmd.epp.adapter.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.latency.LatencyServers;
import ai.llmd.epp.application.latency.LatencyServers.Times;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.latency.LatencyRow;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PredictionServersTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final String PREDICT = "POST /predict/bulk/strict";
  private static final String TRAIN = "POST /add_training_data_bulk";

  private final FakePredictionServer server = new FakePredictionServer();
  private final AtomicLong now = new AtomicLong();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private LatencyServers client = client(Map.of());

  @AfterEach
  void close() {
    client.close();
    server.close();
    threads.shutdownNow();
  }

  private LatencyServers client(Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(more);
    environment.putIfAbsent("PREDICTION_SERVER_URL", server.url());
    environment.put("TRAINING_SERVER_URL", server.url() + "/");
    return Objects.requireNonNull(new PredictionServers(environment, now::get).open());
  }

  private static LatencyRow row(int running) {
    return new LatencyRow(0.25, 1_000, 2, running, 1, 0.5, 4, 3, "decode", 700);
  }

  private void fails(Duration patience) {
    assertThatExceptionOfType(WithoutResultException.class)
        .isThrownBy(() -> client.predict(List.of(row(1)), patience));
  }

  @Test
  void areNoneWhereNoneIsNamed() {
    assertThat(new PredictionServers(Map.of("LATENCY_MAX_BULK_SIZE", "7"), now::get).open())
        .isNull();
  }

  @Test
  void areAskedInTheirForm() throws InterruptedException {
    List<Times> times = client.predict(List.of(row(3), row(9)), PATIENCE);

    assertThat(times).containsExactly(new Times(13.5, 1.5), new Times(19.5, 1.5));
    String row =
        """
        {"kv_cache_percentage":0.25,"input_token_length":1000,"num_request_waiting":2,\
        "num_request_running":%d,"num_tokens_generated":1,"prefix_cache_score":0.5,\
        "encoder_input_size":4,"encoder_matched_size":3,"pod_type":"decode",\
        "prefill_tokens_in_flight":700,"decode_tokens_in_flight":0}\
        """;
    assertThat(server.bodies(PREDICT))
        .containsExactly("{\"requests\":[" + row.formatted(3) + "," + row.formatted(9) + "]}");
    await().until(() -> server.bodies("GET /status").size() == 1);
    await().until(() -> server.bodies("GET /model/download/info").size() == 1);
  }

  @Test
  void areNotGivenARoleThatIsNotKnown() throws InterruptedException {
    client.predict(List.of(new LatencyRow(0, 1, 0, 0, 1, 0, 0, 0, "", 0)), PATIENCE);

    assertThat(server.bodies(PREDICT)).singleElement().asString().doesNotContain("pod_type");
  }

  @Test
  void areAskedOnceForRequestsThatComeTogether() throws Exception {
    client =
        client(Map.of("LATENCY_COALESCE_WINDOW_MS", "600000", "LATENCY_MAX_COALESCED_ROWS", "5"));

    Future<List<Times>> first = threads.submit(() -> client.predict(rows(1, 2), PATIENCE));
    Future<List<Times>> second = threads.submit(() -> client.predict(rows(3, 4, 5), PATIENCE));

    assertThat(first.get()).extracting(Times::ttftMillis).containsExactly(11.5, 12.5);
    assertThat(second.get()).extracting(Times::ttftMillis).containsExactly(13.5, 14.5, 15.5);
    assertThat(server.bodies(PREDICT)).hasSize(1);
  }

  @Test
  void areAskedForEachRequestWithoutAWindow() throws InterruptedException {
    client = client(Map.of("LATENCY_COALESCE_WINDOW_MS", "0"));

    client.predict(rows(1), PATIENCE);
    client.predict(rows(2), PATIENCE);

    assertThat(server.bodies(PREDICT)).hasSize(2);
  }

  @Test
  void goOnCollectingWhileAsManyCallsAreOnTheirWayAsMayBe() throws Exception {
    client = client(Map.of("LATENCY_MAX_CONCURRENT_DISPATCHES", "1"));
    CountDownLatch released = new CountDownLatch(1);
    server.predictions(
        (exchange, body) -> {
          released.await();
          FakePredictionServer.answering(200, answer(body)).answer(exchange, body);
        });
    Future<List<Times>> first = threads.submit(() -> client.predict(rows(1), PATIENCE));
    await().until(() -> server.bodies(PREDICT).size() == 1);

    Future<List<Times>> second = threads.submit(() -> client.predict(rows(2), PATIENCE));
    Future<List<Times>> third = threads.submit(() -> client.predict(rows(3), PATIENCE));
    await().pollDelay(SHORT).until(() -> server.bodies(PREDICT).size() == 1);
    released.countDown();

    assertThat(List.of(first.get(), second.get(), third.get())).allMatch(all -> all.size() == 1);
    assertThat(server.bodies(PREDICT)).hasSizeBetween(2, 3);
  }

  /** As many as there are rows. */
  private static String answer(String body) {
    int rows = body.split("kv_cache_percentage", -1).length - 1;
    String one = "{\"ttft_ms\":1,\"tpot_ms\":2}";
    return "{\"predictions\":[" + String.join(",", Collections.nCopies(rows, one)) + "]}";
  }

  private static List<LatencyRow> rows(Integer... running) {
    return List.of(running).stream().map(PredictionServersTest::row).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "not json",
        "{\"predictions\":[]}",
        "{\"predictions\":null}",
        "{\"predictions\":[null]}",
        "{\"predictions\":[{}]}",
        "{\"predictions\":[{\"ttft_ms\":NaN,\"tpot_ms\":1}]}",
        "{\"predictions\":[{\"ttft_ms\":null,\"tpot_ms\":1}]}",
        "{\"predictions\":[{\"ttft_ms\":\"5\",\"tpot_ms\":1}]}",
        "{\"predictions\":[{\"ttft_ms\":-1,\"tpot_ms\":1}]}",
        "{\"predictions\":[{\"ttft_ms\":1,\"tpot_ms\":-0.5}]}",
        "{\"predictions\":[{\"ttft_ms\":1e999,\"tpot_ms\":1}]}",
        "{\"predictions\":[{\"ttft_ms\":1e12,\"tpot_ms\":1}]}",
        "{\"predictions\":[{\"ttft_ms\":1}]}",
        "{\"predictions\":[{\"ttft_ms\":1,\"tpot_ms\":1},{\"ttft_ms\":1,\"tpot_ms\":1}]}",
        "{\"predictions\":[{\"ttft_ms\":1,\"tpot_ms\":1}]",
        "{\"predictions\":[{\"ttft_ms\":1,\"tpot_ms\":1}]} and more"
      })
  void areNotBelievedWhatCannotBeTrue(String answer) {
    server.predictions(FakePredictionServer.answering(200, answer));

    fails(PATIENCE);
  }

  @ParameterizedTest
  @ValueSource(ints = {201, 204, 302, 400, 422, 500, 503})
  void areNotBelievedWithAnotherStatus(int status) {
    String good = answer("kv_cache_percentage");
    server.predictions(FakePredictionServer.answering(status, status == 204 ? "" : good));

    fails(PATIENCE);
  }

  @Test
  void mayNotAnswerAtAnyLength() {
    String filler = "\"filler\":\"" + "x".repeat(1 << 20) + "\",";
    server.predictions(
        FakePredictionServer.answering(
            200, "{" + filler + answer("kv_cache_percentage").substring(1)));

    fails(PATIENCE);
  }

  @Test
  void mayNotAnswerWithoutEnd() {
    server.predictions(PredictionServersTest::dripping);

    fails(SHORT);
  }

  private static void dripping(HttpExchange exchange, String body)
      throws IOException, InterruptedException {
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    while (!Thread.currentThread().isInterrupted()) {
      out.write(' ');
      out.flush();
      Thread.sleep(1);
    }
  }

  @Test
  void areLeftAloneWhileTheyAreTooSlowAndTriedAgainLater() throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    server.predictions((exchange, body) -> never.await());
    for (int i = 0; i < PredictionServer.MAX_FAILURES; i++) {
      assertThat(client.isWorthAsking(1)).isTrue();
      fails(SHORT);
    }
    await().until(() -> !client.isWorthAsking(1));

    server.predictions(
        (exchange, body) ->
            FakePredictionServer.answering(200, answer(body)).answer(exchange, body));
    now.addAndGet(PredictionServer.PAUSE.toNanos());

    assertThat(client.isWorthAsking(1)).isTrue();
    assertThat(client.predict(rows(1), PATIENCE)).containsExactly(new Times(1, 2));
    now.addAndGet(1);
    assertThat(client.isWorthAsking(1)).isTrue();
  }

  @Test
  void areReplacedByTheOthersWhenOneIsDead() {
    FakePredictionServer dead = new FakePredictionServer();
    dead.close();
    client = client(Map.of("PREDICTION_SERVER_URL", dead.url() + " , " + server.url()));
    for (int i = 0; i < 200; i++) {
      try {
        assertThat(client.predict(rows(1), PATIENCE)).hasSize(1);
      } catch (WithoutResultException | InterruptedException e) {
        assertThat(client.isWorthAsking(1)).isTrue();
      }
    }

    assertThat(server.bodies(PREDICT).size()).isGreaterThanOrEqualTo(150);
  }

  @Test
  void areNotAskedForMoreRowsThanTheyTake() {
    client = client(Map.of("LATENCY_MAX_BULK_SIZE", "2"));

    assertThat(client.isWorthAsking(2)).isTrue();
    assertThat(client.isWorthAsking(3)).isFalse();
    assertThatExceptionOfType(WithoutResultException.class)
        .isThrownBy(() -> client.predict(rows(1, 2, 3), PATIENCE));
  }

  @Test
  void areNotGivenRowsThatTheyRefuse() {
    LatencyRow bad = new LatencyRow(0.5, 1, 0, 0, 1, 0, 2, 3, "", 0);

    assertThatExceptionOfType(WithoutResultException.class)
        .isThrownBy(() -> client.predict(List.of(row(1), bad), PATIENCE));
    assertThat(server.bodies(PREDICT)).isEmpty();
  }

  @Test
  void giveTheTrainingServerWhatWasObserved() {
    client.observed(row(3), 120.5, 0);
    client.close();

    assertThat(server.bodies(TRAIN))
        .singleElement()
        .asString()
        .startsWith("{\"entries\":[{\"kv_cache_percentage\":0.25,\"input_token_length\":1000,")
        .contains(",\"num_request_running\":3,")
        .contains(",\"actual_ttft_ms\":120.5,\"actual_tpot_ms\":0.0,\"timestamp\":\"20")
        .endsWith("Z\"}]}");
  }

  @Test
  void areTaughtAgainAfterTheTrainingServerHasFailed() {
    server.trainingStatus(500);
    client.observed(row(1), 1, 0);
    await().until(() -> server.bodies(TRAIN).size() == 1);
    server.trainingStatus(202);
    client.observed(row(2), 0, 2);

    await().until(() -> server.bodies(TRAIN).size() == 2);
    assertThat(server.bodies(TRAIN).get(1)).doesNotContain("\"num_request_running\":1,");
  }

  @Test
  void answerNoOneAfterTheyWereClosed() {
    client.close();

    assertThatExceptionOfType(WithoutResultException.class)
        .isThrownBy(() -> client.predict(rows(1), PATIENCE))
        .withMessageContaining("is shutting down");
  }
}
