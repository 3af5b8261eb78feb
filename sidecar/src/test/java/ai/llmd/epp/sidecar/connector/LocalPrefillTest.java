package ai.llmd.epp.sidecar.connector;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.sidecar.Chats;
import ai.llmd.epp.sidecar.RunningSidecar;
import ai.llmd.epp.sidecar.server.SidecarServer;
import java.net.http.HttpResponse;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A prefill server that does not do its part costs no request, where the sidecar is told so. */
class LocalPrefillTest {

  private static final String ON = "--prefill-fallback-timeout=30s";

  private final Engines engines = new Engines();
  private final CountDownLatch isOver = new CountDownLatch(1);
  private final int decode = engines.add("decode", 200, "{\"usage\":{\"prompt_tokens\":2}}");
  private final int metrics = RunningSidecar.freePort();

  @AfterEach
  void stop() {
    isOver.countDown();
    engines.close();
  }

  private HttpResponse<String> ask(int prefill, String... flags) throws Exception {
    String[] all = new String[flags.length + 2];
    System.arraycopy(flags, 0, all, 2, flags.length);
    all[0] = "--model-server-port=" + decode;
    all[1] = "--metrics-port=" + metrics;
    try (SidecarServer sidecar = RunningSidecar.with(all)) {
      HttpResponse<String> answer =
          Chats.chat(sidecar.ports().getFirst(), "x-prefiller-host-port", "127.0.0.1:" + prefill);
      page = Chats.metrics(metrics);
      return answer;
    }
  }

  private String page = "";

  @ParameterizedTest
  @CsvSource({
    "nixlv2, 500, {}",
    "nixlv2, 503, busy",
    "nixlv2, 200, <html>",
    "shared-storage, 500, {}",
    "shared-storage, 502, ''",
  })
  void anErrorOfTheServerIsNotTheClients(String connector, int status, String body)
      throws Exception {
    int prefill = engines.add("prefill", status, body);

    HttpResponse<String> answer = ask(prefill, ON, "--kv-connector=" + connector);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(engines.asked("prefill")).hasSize(1);
    assertThat(engines.asked("decode")).hasSize(1);
    assertThat(page).contains("llm_d_sidecar_prefill_fallbacks_total{reason=\"error\"} 1\n");
  }

  @ParameterizedTest
  @CsvSource({"nixlv2", "shared-storage", "mooncake"})
  void aServerThatIsGoneIsDoneWithout(String connector) throws Exception {
    int nothing = RunningSidecar.freePort();

    HttpResponse<String> answer =
        ask(
            nothing,
            ON,
            "--kv-connector=" + connector,
            "--mooncake-bootstrap-port=" + RunningSidecar.freePort());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(page).contains("llm_d_sidecar_prefill_fallbacks_total{reason=\"unreachable\"} 1\n");
  }

  @ParameterizedTest
  @CsvSource({"nixlv2", "shared-storage"})
  void aServerThatHangsIsNotWaitedForLonger(String connector) throws Exception {
    int prefill =
        engines.add(
            "prefill",
            (exchange, body) -> {
              try {
                isOver.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });

    HttpResponse<String> answer =
        ask(prefill, "--prefill-fallback-timeout=100ms", "--kv-connector=" + connector);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(page).contains("llm_d_sidecar_prefill_fallbacks_total{reason=\"timeout\"} 1\n");
  }

  @Test
  void whatTheClientDidWrongIsStillTheClients() throws Exception {
    int prefill = engines.add("prefill", 400, "{\"error\":1}");

    HttpResponse<String> answer = ask(prefill, ON);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("{\"error\":1}");
    assertThat(engines.asked("decode")).isEmpty();
  }

  @Test
  void retriesComeFirst() throws Exception {
    int prefill = engines.add("prefill", 503, "");

    HttpResponse<String> answer =
        ask(prefill, ON, "--prefill-max-retries=2", "--prefill-retry-backoff=1ms");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(engines.asked("prefill")).hasSize(3);
    assertThat(engines.asked("decode").getFirst().body()).contains("\"kv_transfer_params\":null");
  }

  @Test
  void withoutTheFlagErrorsAreTheClients() throws Exception {
    int prefill = engines.add("prefill", 500, "{\"error\":2}");

    HttpResponse<String> answer = ask(prefill);

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(engines.asked("decode")).isEmpty();
  }
}
