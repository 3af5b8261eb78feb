package ai.llmd.epp.adapter.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.admin.server.AdminServer;
import ai.llmd.epp.application.DecisionRecorder;
import ai.llmd.epp.application.DecisionRing;
import ai.llmd.epp.application.Decisions;
import ai.llmd.epp.application.port.out.AccessReview;
import ai.llmd.epp.application.port.out.AccessReview.Verdict;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The page for people, over a real port. */
class LivePagesTest {

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final DecisionRing ring = new DecisionRing(1_000, 1 << 20);
  private final DecisionRecorder recorder = new DecisionRecorder(ring, () -> 1_000L, () -> 1_000L);
  private final HttpClient client = HttpClient.newHttpClient();
  private @Nullable AdminServer server;

  private LiveFeed serve(FixedView view, Duration tick, @Nullable AccessReview access)
      throws IOException {
    LiveFeed feed = new LiveFeed(view, ring, tick);
    server =
        AdminServer.start(
            new AdminServer.Settings("", 0, null, access, Set.of("/livez")),
            new LivePages(view, feed).pages());
    return feed;
  }

  private LiveFeed serve(FixedView view) throws IOException {
    return serve(view, Duration.ofMillis(20), null);
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
    client.shutdownNow();
  }

  private int port() {
    return Objects.requireNonNull(server).port();
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  private HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private void decide(RoutingDecision decision) {
    recorder.decided(decision);
  }

  @ParameterizedTest
  @CsvSource({
    "/, text/html",
    "/live/page.css, text/css",
    "/live/page.js, text/javascript",
    "/live/decision.js, text/javascript",
    "/live/parts.js, text/javascript"
  })
  void everyFileForbidsTheBrowserToAskOtherHosts(String path, String type) throws Exception {
    serve(FixedView.ofTwo());

    HttpResponse<String> answer = get(path);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith(type);
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';")
        .doesNotContain("unsafe")
        .doesNotContain("http");
    assertThat(answer.body()).doesNotContainPattern("(src|href|import|fetch)[^\n]{0,20}https?://");
  }

  @Test
  void thePageHasNoScriptOfItsOwnAndNothingParsesTexts() throws Exception {
    serve(FixedView.ofTwo());

    assertThat(get("/").body())
        .doesNotContainPattern("<script(?![^>]*\\ssrc=)")
        .doesNotContainPattern("(?i)\\son[a-z]+=")
        .doesNotContain("style=");
    for (String module : List.of("page.js", "decision.js", "parts.js")) {
      assertThat(get("/live/" + module).body())
          .doesNotContain(
              "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(");
    }
  }

  /** A role that permits {@code get} permits nothing else. */
  @Test
  void thePageAsksForEverythingWithGet() throws Exception {
    serve(FixedView.ofTwo());

    for (String module : List.of("page.js", "decision.js", "parts.js")) {
      assertThat(get("/live/" + module).body()).doesNotContain("method:");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/live/page.js",
        "/live/page.css",
        "/live/events",
        "/live/pool",
        "/live/configuration"
      })
  void whoMayNotReadMetricsSeesNothing(String path) throws Exception {
    serve(FixedView.ofTwo(), Duration.ofSeconds(1), (token, page, verb) -> new Verdict.Denied("x"));

    assertThat(get(path).statusCode()).isEqualTo(401);
    assertThat(get(path, "Authorization", "Bearer t").statusCode()).isEqualTo(403);
  }

  @Test
  void aBrowserIsAskedForTheTokenAndSendsItAsAPassword() throws Exception {
    serve(
        FixedView.ofTwo(),
        Duration.ofSeconds(1),
        (token, page, verb) ->
            token.equals("to:ken") ? new Verdict.Allowed() : new Verdict.Unknown());
    String credentials =
        Base64.getEncoder().encodeToString("anyone:to:ken".getBytes(StandardCharsets.UTF_8));

    HttpResponse<String> asked = get("/", "Accept", "text/html,*/*;q=0.8");

    assertThat(asked.statusCode()).isEqualTo(401);
    assertThat(asked.headers().firstValue("WWW-Authenticate").orElseThrow()).startsWith("Basic ");
    assertThat(get("/", "Accept", "*/*").headers().firstValue("WWW-Authenticate")).isEmpty();
    assertThat(get("/", "Authorization", "Basic " + credentials).statusCode()).isEqualTo(200);
    assertThat(get("/", "Authorization", "Basic %%%").statusCode()).isEqualTo(401);
  }

  @Test
  void aWatcherSeesWhatIsTheCaseAndWhatHappensThen() throws Exception {
    LiveFeed feed = serve(FixedView.ofTwo());
    decide(Decisions.degradedRoute());

    try (EventReader events = EventReader.open(client, uri("/live/events"))) {
      JsonNode status = events.next("status");
      assertThat(status.at("/configuration/changes/0/detail").asString())
          .isEqualTo("no such plugin");
      JsonNode pool = events.next("pool");
      assertThat(pool.at("/health/out").asInt()).isEqualTo(1);
      assertThat(pool.at("/endpoints/0/id").asString()).isEqualTo("ns/pod-0");
      assertThat(pool.at("/endpoints/0/age").asDouble()).isEqualTo(10);
      assertThat(pool.at("/endpoints/0/cached").asInt()).isEqualTo(700);
      assertThat(pool.at("/endpoints/0/inFlightElsewhere").asInt()).isEqualTo(5);
      assertThat(pool.at("/endpoints/1/waiting").isNull()).isTrue();
      JsonNode before = events.next("decisions");
      assertThat(before.at("/listed/0/id").asString()).isEqualTo("req-1");
      assertThat(before.at("/listed/0/total").asDouble()).isEqualTo(0.5);
      assertThat(before.at("/listed/0/isDegraded").asBoolean()).isTrue();

      decide(Decisions.reject(Reason.NO_CANDIDATE, Evidence.NONE));

      JsonNode then = nextListed(events);
      assertThat(then.at("/decided").asInt()).isEqualTo(1);
      assertThat(then.at("/refused").asInt()).isEqualTo(1);
      assertThat(then.at("/listed").size()).isEqualTo(1);
      assertThat(then.at("/listed/0/n").asInt()).isEqualTo(2);
      assertThat(then.at("/listed/0/refusal").asString()).isEqualTo("no_candidate");
    }
    await().atMost(PATIENCE).until(() -> feed.watchers() == 0);
  }

  private static JsonNode nextListed(EventReader events) {
    JsonNode frame = events.next("decisions");
    while (frame.at("/listed").isEmpty()) {
      frame = events.next("decisions");
    }
    return frame;
  }

  @ParameterizedTest
  @CsvSource({
    "model=LLA, 2",
    "model=tuned, 2",
    "model=other, 0",
    "fairness=alice, 2",
    "endpoint=pod-1, 1",
    "endpoint=fd00, 1",
    "endpoint=pod-0, 0",
    "outcome=reject, 1",
    "outcome=route, 1",
    "outcome=degraded, 1",
    "outcome=any&model=%3Cscript%3E, 0"
  })
  void filtersChooseAmongAllThatAreKept(String query, int listed) throws Exception {
    serve(FixedView.ofTwo());
    decide(Decisions.degradedRoute());
    decide(Decisions.reject(Reason.NO_CANDIDATE, Evidence.NONE));

    try (EventReader events = EventReader.open(client, uri("/live/events?" + query))) {
      assertThat(events.next("decisions").at("/listed").size()).isEqualTo(listed);
    }
  }

  @Test
  void anOutcomeThatThereIsNotIsRefused() throws Exception {
    LiveFeed feed = serve(FixedView.ofTwo());

    assertThat(get("/live/events?outcome=maybe").statusCode()).isEqualTo(400);
    assertThat(feed.watchers()).isZero();
  }

  @Test
  void ofAFloodTheNewestAreListedAndTheOthersCounted() throws Exception {
    serve(FixedView.ofTwo(), Duration.ofMillis(500), null);
    try (EventReader events = EventReader.open(client, uri("/live/events"))) {
      events.next("decisions");
      for (int i = 0; i < 300; i++) {
        decide(Decisions.route());
      }
      int decided = 0;
      int listed = 0;
      int more = 0;
      while (decided < 300) {
        JsonNode frame = events.next("decisions");
        assertThat(frame.at("/listed").size()).isLessThanOrEqualTo(LiveFeed.MAX_LISTED);
        decided += frame.at("/decided").asInt();
        listed += frame.at("/listed").size();
        more += frame.at("/more").asInt();
      }
      assertThat(decided).isEqualTo(300);
      assertThat(listed + more).isEqualTo(300);
    }
  }

  /** Sixteen frames of forty decisions may wait for each of sixty-four watchers. */
  @Test
  void ofLongNamesTheBeginningIsListed() throws Exception {
    serve(FixedView.ofTwo());
    String name = "n".repeat(100_000);
    decide(
        new RoutingDecision.Reject(
            new RequestLabels(name, name, name, name, 0), Reason.NO_CANDIDATE, "", Evidence.NONE));

    try (EventReader events = EventReader.open(client, uri("/live/events"))) {
      JsonNode listed = events.next("decisions").at("/listed/0");
      for (String field : List.of("id", "model", "target", "fairness")) {
        assertThat(listed.at("/" + field).asString())
            .isEqualTo("n".repeat(LiveJson.MAX_TEXT) + "…");
      }
    }
  }

  @Test
  void anErrorOfOneUpdateDoesNotEndTheOthers() throws Exception {
    FixedView view = FixedView.ofTwo();
    serve(view);
    try (EventReader events = EventReader.open(client, uri("/live/events"))) {
      events.next("pool");

      view.failNext(new NoClassDefFoundError("of a test"));

      await().atMost(PATIENCE).until(view::hasFailed);
      assertThat(events.next("pool").at("/health/out").asInt()).isEqualTo(1);
    }
  }

  @Test
  void whileNobodyWatchesNothingIsComputed() throws Exception {
    FixedView view = FixedView.ofTwo();
    LiveFeed feed = serve(view);
    assertThat(view.looks()).isZero();
    assertThat(feed.isRunning()).isFalse();

    EventReader events = EventReader.open(client, uri("/live/events"));
    events.next("pool");
    events.next("pool");
    assertThat(feed.isRunning()).isTrue();
    events.close();

    await().atMost(PATIENCE).until(() -> !feed.isRunning());
    int looks = view.looks();
    decide(Decisions.route());
    assertThat(feed.watchers()).isZero();
    assertThat(view.looks()).isEqualTo(looks);
  }

  @Test
  void watchersAboveTheBoundComeAgainLater() throws Exception {
    LiveFeed feed = serve(FixedView.ofTwo(), Duration.ofSeconds(1), null);
    List<EventReader> watching = new ArrayList<>();
    for (int i = 0; i < LiveFeed.MAX_WATCHERS; i++) {
      watching.add(EventReader.open(client, uri("/live/events")));
    }

    HttpResponse<String> refused = get("/live/events");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    assertThat(get("/live/pool").statusCode()).isEqualTo(200);

    watching.removeFirst().close();
    await().atMost(PATIENCE).until(() -> feed.watchers() < LiveFeed.MAX_WATCHERS);
    watching.add(EventReader.open(client, uri("/live/events")));
    for (EventReader one : watching) {
      one.close();
    }
  }

  @Test
  void aWatcherThatDoesNotReadIsDropped() throws Exception {
    FixedView view = FixedView.of(LiveJson.MAX_MEMBERS);
    LiveFeed feed = serve(view, Duration.ofMillis(1), null);
    try (Socket sleeper = new Socket()) {
      sleeper.setReceiveBufferSize(4_096);
      sleeper.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()));
      sleeper
          .getOutputStream()
          .write(
              "GET /live/events HTTP/1.1\r\nHost: epp\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      await().atMost(PATIENCE).until(() -> view.looks() > 0); // it watches, or has watched

      await().atMost(PATIENCE).until(() -> feed.watchers() == 0);
      await().atMost(PATIENCE).until(() -> !feed.isRunning());
    }
  }

  @Test
  void theHeadersAloneTakeNoPlace() throws Exception {
    LiveFeed feed = serve(FixedView.ofTwo());
    HttpRequest head =
        HttpRequest.newBuilder(uri("/live/events"))
            .method("HEAD", HttpRequest.BodyPublishers.noBody())
            .build();

    assertThat(client.send(head, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    await().atMost(PATIENCE).until(() -> feed.watchers() == 0);
  }

  @ParameterizedTest
  @CsvSource({
    "/live/events, cross-site, cors, empty, 403",
    "/live/events, same-site, no-cors, image, 403",
    "/live/pool, cross-site, no-cors, image, 403",
    "/live/pool, same-origin, cors, empty, 200",
    "/live/pool, none, navigate, document, 200",
    "/, cross-site, navigate, iframe, 403",
    "/, cross-site, navigate, document, 200"
  })
  void pagesOfOtherSitesMayOnlyLinkHere(
      String path, String site, String mode, String destination, int status) throws Exception {
    serve(FixedView.ofTwo());

    HttpResponse<String> answer =
        get(path, "Sec-Fetch-Site", site, "Sec-Fetch-Mode", mode, "Sec-Fetch-Dest", destination);

    assertThat(answer.statusCode()).isEqualTo(status);
  }

  @Test
  void aServerThatStopsEndsItsWatchers() throws Exception {
    LiveFeed feed = serve(FixedView.ofTwo(), Duration.ofMinutes(10), null);
    EventReader events = EventReader.open(client, uri("/live/events"));
    events.next("decisions");

    Objects.requireNonNull(server).close();

    assertThat(feed.watchers()).isZero();
  }

  @Test
  void ofALargePoolThoseThatWantAttentionAreShown() throws Exception {
    serve(FixedView.of(LiveJson.MAX_MEMBERS + 300));

    JsonNode pool = new ObjectMapper().readTree(get("/live/pool").body());

    assertThat(pool.at("/size").asInt()).isEqualTo(500);
    assertThat(pool.at("/endpoints").size()).isEqualTo(LiveJson.MAX_MEMBERS);
    assertThat(pool.at("/endpoints/0/health").asString()).isEqualTo("out");
  }
}
