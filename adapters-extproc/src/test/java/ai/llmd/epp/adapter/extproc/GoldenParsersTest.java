package ai.llmd.epp.adapter.extproc;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.body.EditedBody;
import ai.llmd.epp.adapter.extproc.body.Golden;
import ai.llmd.epp.adapter.extproc.body.ParserChoice;
import ai.llmd.epp.adapter.extproc.body.Parsers;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.ObjectNode;

/** Every case of {@code parsers.json}, recorded from the reference. */
class GoldenParsersTest {

  /**
   * Deliberate differences (docs/compatibility.md): the reference refuses what clients send and
   * model servers serve. Judging it is the model server's work.
   */
  private static final Set<String> ROUTED_ON_PURPOSE =
      Set.of("completion-nested-token-arrays", "chat-image-url-as-string", "conversations-empty");

  static Stream<JsonNode> requests() {
    return Golden.cases("parsers.json", "requests");
  }

  static Stream<JsonNode> responses() {
    return Golden.cases("parsers.json", "responses");
  }

  @ParameterizedTest
  @MethodSource("requests")
  void readsRequestsLikeTheReference(JsonNode request) {
    String path = RequestHeadTest.read(headers(request)).path();
    ParserChoice choice = Objects.requireNonNull(Parsers.ALL.find(path));
    Named<RequestParser> parser = choice.parser();
    JsonNode expected = request.get("expected");
    assertThat(parser.type()).isEqualTo(expected.get("parser").asString());

    byte[] body = request.get("body").asString().getBytes(StandardCharsets.UTF_8);
    ParseOutcome outcome = Parsers.parse(parser.plugin(), path, body);
    assertThat(choice.isConfirmedBy(outcome)).isTrue();
    if (ROUTED_ON_PURPOSE.contains(request.get("name").asString())) {
      assertThat(expected.has("parseError")).isTrue();
      assertThat(outcome).isInstanceOf(ParseOutcome.Parsed.class);
      return;
    }
    switch (outcome) {
      case ParseOutcome.Malformed(String error) ->
          assertThat(error).isEqualTo(expected.path("parseError").asString(null));
      case ParseOutcome.Parsed(ParsedBody parsed) -> {
        assertThat(expected.has("parseError")).isFalse();
        assertView(parsed, expected);
        if (request.has("rewriteTo")) {
          assertRewrite(parsed, body, request);
        }
      }
    }
  }

  private static Map<String, String> headers(JsonNode request) {
    Map<String, String> headers = new HashMap<>();
    headers.put(":path", request.get("path").asString());
    request.path("headers").forEachEntry((name, value) -> headers.put(name, value.asString()));
    return headers;
  }

  private static void assertView(ParsedBody parsed, JsonNode expected) {
    String api = expected.get("api").asString();
    assertThat(parsed.api()).isEqualTo(ApiKind.valueOf(api.toUpperCase(Locale.ROOT)));
    assertThat(parsed.model()).isEqualTo(expected.get("model").asString());
    assertThat(parsed.isStreaming()).isEqualTo(expected.get("stream").asBoolean());
    assertThat(parsed.outputTokenCap()).isEqualTo(expected.path("maxOutputTokens").asLong(-1));
  }

  private static void assertRewrite(ParsedBody parsed, byte[] body, JsonNode request) {
    ByteString rewritten =
        EditedBody.of(
            ByteString.copyFrom(body),
            parsed.modelRenaming().edits(request.get("rewriteTo").asString()));
    assertThat(asDoubles(rewritten.toStringUtf8()))
        .isEqualTo(asDoubles(request.get("expected").get("forwardedBody").asString()));
  }

  /** The reference sends numbers through doubles, we leave them: only the values can be equal. */
  private static JsonNode asDoubles(String json) {
    ObjectNode object = (ObjectNode) Golden.JSON.readTree(json);
    for (String name : object.propertyNames().toArray(String[]::new)) {
      if (object.get(name).isNumber()) {
        object.set(name, DoubleNode.valueOf(object.get(name).doubleValue()));
      }
    }
    return object;
  }

  /**
   * Where events are found that the reference loses: the usage of the whole stream, and how many
   * events it has.
   */
  private static final Map<String, Usage> DELIBERATE_DIFFERENCES =
      Map.of(
          "openai-sse-split-mid-event", new Usage(4, 1, 0, -1),
          "openai-sse-no-space-after-colon", new Usage(4, 1, 5, -1));

  @ParameterizedTest
  @MethodSource("responses")
  void readsUsageLikeTheReference(JsonNode response) {
    if (DELIBERATE_DIFFERENCES.containsKey(response.get("name").asString())) {
      readsUsageUnlikeTheReference(response);
      return;
    }
    boolean isStream = response.get("contentType").asString().contains("text/event-stream");
    UsageReader reader = parser(response.get("parser").asString()).usageReader(isStream);
    JsonNode expected = response.get("expected");
    Usage merged = Usage.NONE;
    long events = 0;
    for (int i = 0; i < response.get("chunks").size(); i++) {
      JsonNode expectedOfChunk = expected.get("perChunk").get(i);
      Usage usage =
          Parsers.usage(reader, ByteString.copyFromUtf8(response.get("chunks").get(i).asString()));
      assertThat(usage).isEqualTo(usage(expectedOfChunk.path("usage")));
      merged = usage == null ? merged : merged.merge(usage);
      events += expectedOfChunk.path("streamedEvents").asLong(0);
      assertThat(reader.streamedEvents()).isEqualTo(events);
    }
    assertThat(merged).isEqualTo(usage(expected.get("mergedUsage")));
    assertThat(reader.streamedEvents()).isEqualTo(expected.get("streamedEvents").asLong());
  }

  private static void readsUsageUnlikeTheReference(JsonNode response) {
    UsageReader reader = parser(response.get("parser").asString()).usageReader(true);
    Usage found = null;
    for (JsonNode chunk : response.get("chunks")) {
      assertThat(found).isNull();
      found = Parsers.usage(reader, ByteString.copyFromUtf8(chunk.asString()));
    }
    assertThat(found).isEqualTo(DELIBERATE_DIFFERENCES.get(response.get("name").asString()));
    assertThat(reader.streamedEvents()).isEqualTo(1);
  }

  private static RequestParser parser(String type) {
    return Parsers.IN_ORDER.stream()
        .filter(parser -> parser.type().equals(type))
        .findFirst()
        .orElseThrow()
        .plugin();
  }

  private static @Nullable Usage usage(JsonNode usage) {
    return usage.isMissingNode()
        ? null
        : new Usage(
            usage.get("promptTokens").asLong(),
            usage.get("completionTokens").asLong(),
            usage.get("totalTokens").asLong(),
            usage.path("cachedTokens").asLong(-1));
  }
}
