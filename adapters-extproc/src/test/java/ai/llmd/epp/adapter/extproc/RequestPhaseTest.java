package ai.llmd.epp.adapter.extproc;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestChunk;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestTrailers;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.setBy;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.withSubset;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.message.Answers;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import com.google.protobuf.ByteString;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpHeaders;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPhaseTest {

  private static final String BODY = "{\"model\":\"llama\",\"prompt\":\"hello\"}";
  private static final ProcessingRequest HEADERS =
      requestHeaders(false, ":path", "/v1/completions", "x-request-id", "req-1");

  private final TestPicker picker = TestPicker.start();

  @AfterEach
  void stop() {
    picker.close();
  }

  private Map<String, String> headersOf(ProcessingResponse answer) {
    return setBy(answer.getRequestHeaders().getResponse().getHeaderMutation());
  }

  private ProcessingResponse answerTo(ProcessingRequest headers, ProcessingRequest body) {
    return picker.open().send(headers).send(body).next();
  }

  @Test
  void readsHeadersInAnyCaseAndPrefersRawValuesAndCurrentNames() {
    HeaderMap mixed =
        HeaderMap.newBuilder()
            .addHeaders(header(":PATH", "/v1/completions", ""))
            .addHeaders(header("X-Request-Id", "textual", "raw"))
            .addHeaders(header("X-Gateway-Inference-Objective", "", "old"))
            .addHeaders(header("x-llm-d-inference-objective", "", ""))
            .addHeaders(header("x-gateway-inference-fairness-id", "tenant", ""))
            .build();
    answerTo(
        ProcessingRequest.newBuilder()
            .setRequestHeaders(HttpHeaders.newBuilder().setHeaders(mixed))
            .build(),
        requestBody(BODY, true));

    var request = picker.routing.requests.getFirst();
    assertThat(request.requestId()).isEqualTo("raw");
    assertThat(request.objective()).isEmpty(); // the current name wins, even when empty
    assertThat(request.fairnessId()).isEqualTo("tenant");
    assertThat(request.headers().value("x-request-id")).isEqualTo("raw");
  }

  private static HeaderValue header(String key, String text, String raw) {
    return HeaderValue.newBuilder()
        .setKey(key)
        .setValue(text)
        .setRawValue(ByteString.copyFromUtf8(raw))
        .build();
  }

  @Test
  void echoesOnlyWhatTheSystemDoesNotOwn() {
    ProcessingResponse answer =
        answerTo(
            requestHeaders(
                false,
                "x-llm-d-inference-objective",
                "a",
                "x-gateway-inference-objective",
                "b",
                "x-gateway-destination-endpoint",
                "6.6.6.6:1",
                "content-length",
                "1",
                "x-request-id",
                "req-1",
                "x-user-data",
                "mine"),
            requestBody(BODY, true));

    assertThat(headersOf(answer))
        .containsOnly(
            Map.entry("x-gateway-destination-endpoint", "127.0.0.2:19032"),
            Map.entry("Content-Length", Integer.toString(BODY.length())),
            Map.entry("x-request-id", "req-1"),
            Map.entry("x-user-data", "mine"));
    assertThat(answer.getRequestHeaders().getResponse().getClearRouteCache()).isTrue();
  }

  @Test
  void leavesHeadersOfSeveralLinesAlone() {
    ProcessingResponse answer =
        answerTo(
            requestHeaders(
                false,
                "x-a",
                "1",
                "X-B",
                "1",
                "x-request-id",
                "1",
                "x-a",
                "2",
                "x-b",
                "",
                "x-b",
                "3"),
            requestBody(BODY, true));

    assertThat(headersOf(answer)).doesNotContainKeys("x-a", "x-b").containsKey("x-request-id");
    assertThat(picker.routing.requests.getFirst().headers().value("x-a"))
        .as("read by the last one")
        .isEqualTo("2");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void removesWhatNoClientMaySend(boolean isWithoutBody) {
    Dialogue dialogue =
        picker
            .open()
            .send(
                requestHeaders(
                    isWithoutBody,
                    ":path",
                    "/nowhere",
                    "X-Prefiller-Host-Port",
                    "6.6.6.6:1",
                    "x-encoder-hosts-ports",
                    "6.6.6.6:1",
                    "x-data-parallel-host-port",
                    "6.6.6.6:1",
                    "x-data-parallel-host-port",
                    "6.6.6.6:2",
                    "x-kv-cache-source-host-port",
                    "6.6.6.6:1"));
    if (!isWithoutBody) {
      dialogue.send(requestBody("x", true));
    }

    ProcessingResponse answer = dialogue.next();
    assertThat(answer.getRequestHeaders().getResponse().getHeaderMutation().getRemoveHeadersList())
        .containsExactlyInAnyOrder(
            "x-prefiller-host-port",
            "x-encoder-hosts-ports",
            "x-data-parallel-host-port",
            "x-kv-cache-source-host-port");
    assertThat(headersOf(answer).keySet()).noneMatch(name -> name.endsWith("host-port"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip|gzip",
        "ZSTD|ZSTD",
        "gzip, zstd|gzip, zstd",
        "identity, br|identity, br",
        "nonsense|nonsense"
      })
  void refusesABodyThatOnlyAGatewayCouldDecode(String codings, String named) {
    Dialogue dialogue =
        picker
            .open()
            .send(requestHeaders(false, ":path", "/v1/completions", "content-encoding", codings))
            .send(requestBody("\u001f\u008b", true));

    ImmediateResponse refused = dialogue.next().getImmediateResponse();
    assertThat(refused.getStatus().getCodeValue()).isEqualTo(415);
    assertThat(setBy(refused.getHeaders()))
        .containsExactly(Map.entry("accept-encoding", "identity"));
    assertThat(refused.getBody().toStringUtf8())
        .startsWith("inference error: UnsupportedMediaType - ")
        .contains("(content-encoding: " + named + ")");
    assertThat(dialogue.end().getCode()).isEqualTo(Code.OK);
  }

  @Test
  void refusesWhateverLineNamesACoding() {
    ImmediateResponse refused =
        answerTo(
                requestHeaders(false, "content-encoding", "gzip", "Content-Encoding", "identity"),
                requestBody(BODY, true))
            .getImmediateResponse();

    assertThat(refused.getStatus().getCodeValue()).isEqualTo(415);
  }

  @ParameterizedTest
  @CsvSource({"/v1/completions,Identity", "/v1/completions,' , '", "/tokenize,gzip"})
  void takesABodyThatIsNotEncodedOrThatNobodyReads(String path, String coding) {
    ProcessingResponse answer =
        answerTo(
            requestHeaders(false, ":path", path, "content-encoding", coding),
            requestBody(BODY, true));

    assertThat(headersOf(answer)).containsEntry("content-encoding", coding);
  }

  @Test
  void honoursTheSubsetForARequestWithoutABody() {
    ProcessingRequest get = requestHeaders(true, ":method", "GET");

    assertThat(headersOf(picker.open().send(withSubset(get, "127.0.0.3:1")).next()))
        .containsEntry("x-gateway-destination-endpoint", "127.0.0.3:19033");
    ImmediateResponse refused =
        picker.open().send(withSubset(get, "10.9.9.9:1")).next().getImmediateResponse();
    assertThat(refused.getStatus().getCodeValue()).isEqualTo(503);
    assertThat(setBy(refused.getHeaders()))
        .containsExactly(Map.entry("x-llm-d-request-dropped-reason", "rejected-no-endpoints"));
  }

  @Test
  void putsHeadersOfPluginsIntoTheEchoAndHasRemovedOnesRemoved() {
    picker.routing.decision =
        decided -> {
          Route route = (Route) decided;
          HeaderChanges changes = new HeaderChanges();
          changes.set("x-prefiller-host-port", "10.0.0.9:8000");
          changes.set("x-kept", "changed");
          changes.set("content-length", "1");
          changes.remove("x-secret");
          changes.remove("x-never-sent");
          return new Route(
              route.labels(), route.endpoints(), changes, null, List.of(), route.evidence());
        };
    ProcessingResponse answer =
        answerTo(
            requestHeaders(false, "x-kept", "original", "x-secret", "s", "x-request-id", "1"),
            requestBody(BODY, true));

    assertThat(headersOf(answer))
        .containsEntry("x-prefiller-host-port", "10.0.0.9:8000")
        .containsEntry("x-kept", "changed")
        .doesNotContainKeys("x-secret", "content-length");
    assertThat(answer.getRequestHeaders().getResponse().getHeaderMutation().getRemoveHeadersList())
        .as("Envoy keeps what is merely left out")
        .containsExactly("x-secret");
  }

  @Test
  void sendsNoScoresWhenTheyAreNotEnabled() {
    assertThat(answerTo(HEADERS, requestBody(BODY, true)).toString()).doesNotContain("-scores");
  }

  @Test
  void sendsNoScoresWhenThereAreNone() {
    try (TestPicker emitting = TestPicker.start(TestPicker.with(true, false))) {
      emitting.routing.decision =
          decided -> {
            Route route = (Route) decided;
            return new Route(
                route.labels(),
                route.endpoints(),
                route.headers(),
                null,
                List.of(),
                route.evidence());
          };
      ProcessingResponse answer =
          emitting.open().send(HEADERS).send(requestBody(BODY, true)).next();
      assertThat(answer.toString()).doesNotContain("-scores");
    }
  }

  @ParameterizedTest
  @CsvSource({"0,1", "61000,1", "62000,1", "62001,2", "63000,2", "125000,3"})
  void splitsBodiesAndEndsOnlyTheLastChunk(int size, int chunks) {
    byte[] body = new byte[size];
    for (int i = 0; i < size; i++) {
      body[i] = (byte) ('a' + i % 26);
    }
    Dialogue dialogue =
        picker
            .open()
            .send(requestHeaders(false, ":path", "/tokenize"))
            .send(requestBody(ByteString.copyFrom(body), true));
    assertThat(headersOf(dialogue.next()).containsKey("Content-Length")).isEqualTo(size > 0);

    ByteString received = ByteString.EMPTY;
    for (int i = 1; i <= chunks; i++) {
      var chunk = requestChunk(dialogue.next());
      assertThat(chunk.getBody().size()).isLessThanOrEqualTo(Answers.CHUNK_BYTES);
      assertThat(chunk.getEndOfStream()).isEqualTo(i == chunks);
      received = received.concat(chunk.getBody());
    }
    assertThat(received).isEqualTo(ByteString.copyFrom(body));
    assertThat(dialogue.halfClose().end().getCode()).isEqualTo(Code.OK);
  }

  @Test
  void takesTrailersForTheEndOfTheBody() {
    Dialogue dialogue =
        picker.open().send(HEADERS).send(requestBody(BODY, false)).send(requestTrailers());

    assertThat(headersOf(dialogue.next()))
        .containsEntry("x-gateway-destination-endpoint", "127.0.0.2:19032");
    var chunk = requestChunk(dialogue.next());
    assertThat(chunk.getBody().toStringUtf8()).isEqualTo(BODY);
    assertThat(chunk.getEndOfStream()).isFalse();
    assertThat(dialogue.next().hasRequestTrailers()).isTrue();
    assertThat(dialogue.halfClose().end().getCode()).isEqualTo(Code.OK);
  }

  @Test
  void namesARequestThatHasNoId() {
    Map<String, String> answered =
        headersOf(answerTo(requestHeaders(false, "x-request-id", ""), requestBody(BODY, true)));

    assertThat(answered.get("x-request-id"))
        .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
        .isEqualTo(picker.routing.requests.getFirst().requestId());
  }

  @Test
  void listsFallbacksBehindTheDestinationWithIpv6InBrackets() {
    Endpoint v6 = FakeRouting.endpoint("v6", "2001:db8::1", 8000);
    picker.routing.decision =
        decided -> {
          Route route = (Route) decided;
          return new Route(
              route.labels(),
              List.of(v6, FakeRouting.RECORDED.getFirst()),
              route.headers(),
              null,
              List.of(),
              route.evidence());
        };
    ProcessingResponse answer = answerTo(HEADERS, requestBody(BODY, true));

    String expected = "[2001:db8::1]:8000,127.0.0.1:19031";
    assertThat(headersOf(answer)).containsEntry("x-gateway-destination-endpoint", expected);
    assertThat(
            answer
                .getDynamicMetadata()
                .getFieldsOrThrow("envoy.lb")
                .getStructValue()
                .getFieldsOrThrow("x-gateway-destination-endpoint")
                .getStringValue())
        .isEqualTo(expected);
  }

  @Test
  void explainsThatTheSubsetMatchesNothing() {
    ImmediateResponse refused =
        answerTo(HEADERS, withSubset(requestBody(BODY, true), "192.168.1.99:8000"))
            .getImmediateResponse();
    assertThat(refused.getStatus().getCodeValue()).isEqualTo(503);
    assertThat(setBy(refused.getHeaders()))
        .containsExactly(Map.entry("x-llm-d-request-dropped-reason", "rejected-no-endpoints"));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1,10.0.0.1",
    "10.0.0.1:8000,10.0.0.1",
    "[2001:db8::1]:8000,2001:db8::1",
    "[2001:db8::1],2001:db8::1",
    "2001:db8::1,2001:db8::1"
  })
  void readsAddressesOfASubsetWithAndWithoutPort(String entry, String address) {
    ProcessingRequest list = withSubset(requestBody(BODY, true), entry);
    assertThat(SubsetHints.read(list.getMetadataContext()).addresses()).containsExactly(address);
    Value text = Value.newBuilder().setStringValue("10.9.9.9:1, " + entry).build();
    assertThat(
            SubsetHints.read(withSubset(requestBody(BODY, true), text).getMetadataContext())
                .addresses())
        .containsExactlyInAnyOrder("10.9.9.9", address);
  }

  @Test
  void allowsEveryEndpointWhenTheHintIsNoList() {
    Value number = Value.newBuilder().setNumberValue(1).build();
    assertThat(SubsetHints.read(withSubset(HEADERS, number).getMetadataContext()).isRestricted())
        .isFalse();
    assertThat(SubsetHints.read(HEADERS.getMetadataContext()).isRestricted()).isFalse();
  }

  @Test
  void ignoresSubsetsWhenConfigured() {
    try (TestPicker ignoring = TestPicker.start(TestPicker.with(false, true))) {
      ProcessingRequest body = withSubset(requestBody(BODY, true), "10.9.9.9:1");
      assertThat(ignoring.open().send(HEADERS).send(body).next().hasRequestHeaders()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "MALFORMED|400|BadRequest|-",
        "TOO_LARGE|413|PayloadTooLarge|-",
        "NOT_CACHED|412|PreconditionFailed|-",
        "SHED|429|ResourceExhausted|-",
        "ALL_FILTERED|429|ResourceExhausted|rejected-saturated",
        "NOT_SCHEDULED|429|ResourceExhausted|-",
        "NO_CANDIDATE|503|ServiceUnavailable|rejected-no-endpoints",
        "INTERNAL|500|Internal|-"
      })
  void refusesForEveryReason(Reason reason, int status, String code, String dropped) {
    picker.routing.decision =
        decided -> new Reject(((Route) decided).labels(), reason, "because", decided.evidence());
    Dialogue dialogue = picker.open().send(HEADERS).send(requestBody(BODY, true));

    ImmediateResponse refused = dialogue.next().getImmediateResponse();
    assertThat(refused.getStatus().getCodeValue()).isEqualTo(status);
    assertThat(refused.getBody().toStringUtf8())
        .isEqualTo("inference error: " + code + " - because");
    assertThat(setBy(refused.getHeaders()).get("x-llm-d-request-dropped-reason"))
        .isEqualTo(dropped);
    assertThat(dialogue.end().getCode()).isEqualTo(Code.OK); // the server ends it
    assertThat(picker.exchanges.events)
        .containsSubsequence("failed " + code, "requestHandled", "streamEnded OK");
  }

  @Test
  void refusesWhenTheUseCaseFails() {
    picker.routing.decision =
        decided -> {
          throw new IllegalStateException("a defect");
        };
    Dialogue dialogue = picker.open().send(HEADERS).send(requestBody(BODY, true));
    assertThat(dialogue.next().getImmediateResponse().getStatus().getCodeValue()).isEqualTo(500);
    assertThat(dialogue.end().getCode()).isEqualTo(Code.OK);
  }

  @Test
  void endsTheStreamWhenTheResponseIsNotObserved() {
    Dialogue dialogue =
        picker
            .open()
            .send(requestHeaders(false, ":path", "/v1/messages/count_tokens"))
            .send(requestBody("{\"model\":\"llama\"}", true));
    List<ProcessingResponse> answers = new ArrayList<>(List.of(dialogue.next(), dialogue.next()));

    assertThat(answers.getLast().hasRequestBody()).isTrue();
    assertThat(dialogue.end().getCode()).isEqualTo(Code.OK);
    assertThat(picker.routing.routes.getFirst().calls).containsExactly("ended error");
    assertThat(picker.exchanges.events).doesNotContain("running");
  }

  @Test
  void meetsItsMetersInOrder() {
    Dialogue dialogue = picker.open().send(HEADERS).send(requestBody(BODY, true));
    dialogue.next();
    dialogue.next();
    dialogue.halfClose().end();

    assertThat(picker.exchanges.events)
        .containsExactly(
            "streamStarted",
            "bodyParsed fake-parser",
            "routed llama→llama " + BODY.length(),
            "requestHandled",
            "running",
            "ended",
            "streamEnded OK");
  }
}
