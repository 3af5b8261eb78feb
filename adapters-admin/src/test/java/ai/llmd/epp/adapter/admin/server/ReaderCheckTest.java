package ai.llmd.epp.adapter.admin.server;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.admin.AdminPage;
import ai.llmd.epp.application.port.out.AccessReview;
import ai.llmd.epp.application.port.out.AccessReview.Verdict;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What readers of the metrics port are answered, by the verdict about their token. */
class ReaderCheckTest {

  private static final Map<String, Verdict> VERDICTS =
      Map.of(
          "good", new Verdict.Allowed(),
          "forged", new Verdict.Unknown(),
          "weak", new Verdict.Denied("visitor"),
          "unlucky", new Verdict.Unidentified(),
          "half", new Verdict.Undecided("visitor"));

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();

  @SuppressWarnings("NullAway.Init")
  private AdminServer server;

  @BeforeEach
  void start() throws IOException {
    AccessReview review =
        (token, path, verb) -> {
          asked.add(verb + " " + path);
          return VERDICTS.getOrDefault(token, new Verdict.Unknown());
        };
    server =
        AdminServer.start(
            new AdminServer.Settings("", 0, null, review, Set.of("/livez")),
            Map.of(
                "/metrics", request -> AdminPage.Answer.text(200, "up 1\n"),
                "/livez", request -> AdminPage.Answer.text(200, "ok\n")));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    client.close();
  }

  private HttpResponse<String> send(String method, String path, @Nullable String authorization)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @ParameterizedTest
  @CsvSource({
    "good, 200, up 1",
    "forged, 401, Unauthorized",
    "weak, 403, Authorization denied for user visitor",
    "unlucky, 500, Authentication failed",
    "half, 500, Authorization for user visitor failed"
  })
  void everyVerdictHasItsAnswer(String token, int status, String text) throws Exception {
    HttpResponse<String> answer = send("GET", "/metrics", "Bearer " + token);

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).isEqualTo(text + "\n");
    assertThat(asked).containsExactly("get /metrics");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"Basic Z29vZA==", "Bearer", "good", "Bearer  "})
  void whoShowsNoTokenIsUnauthorizedWithoutAReview(@Nullable String authorization)
      throws Exception {
    assertThat(send("GET", "/metrics", authorization).statusCode()).isEqualTo(401);
    assertThat(asked).isEmpty();
  }

  @Test
  void aTokenOfAnySizeIsNotPassedOn() throws Exception {
    assertThat(send("GET", "/metrics", "Bearer " + "x".repeat(20_000)).statusCode()).isEqualTo(401);
    assertThat(asked).isEmpty();
  }

  @Test
  void theSchemeIsReadInAnyCase() throws Exception {
    assertThat(send("GET", "/metrics", "bearer good").statusCode()).isEqualTo(200);
  }

  @Test
  void aStrangerDoesNotLearnWhichPagesThereAre() throws Exception {
    assertThat(send("GET", "/nothing", null).statusCode()).isEqualTo(401);
    assertThat(send("POST", "/metrics", null).statusCode()).isEqualTo(401);
  }

  @Test
  void methodAndPathAreReviewedAsTheyAre() throws Exception {
    assertThat(send("POST", "/debug/decisions?n=1", "Bearer good").statusCode()).isEqualTo(404);
    assertThat(asked).containsExactly("post /debug/decisions");
  }

  @Test
  void anOpenPageNeedsNoToken() throws Exception {
    assertThat(send("GET", "/livez", null).statusCode()).isEqualTo(200);
    assertThat(asked).isEmpty();
  }
}
