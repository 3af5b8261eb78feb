package ai.llmd.epp.adapter.kvevents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Named.named;

import ai.llmd.epp.domain.golden.GoldenFiles;
import ai.llmd.epp.domain.kvcache.KvLocations;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * What the reference makes of messages. Some that it refuses we read: arrays of another length,
 * hashes in a short form, maps of SGLang; and of a batch with a bad event we take the others.
 */
class GoldenEventsTest {

  static Stream<Named<JsonNode>> cases() {
    return GoldenFiles.read(GoldenEventsTest.class, "kv_events.json")
        .get("cases")
        .valueStream()
        .map(c -> named(c.get("name").stringValue(), c));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void readsMessagesLikeTheReference(JsonNode recorded) throws MalformedPayloadException {
    String engine = recorded.get("engine").stringValue();
    String error = recorded.has("error") ? recorded.get("error").stringValue() : "";
    if (error.equals("UNSUPPORTED_ENGINE")) {
      assertThatThrownBy(() -> EngineType.named(engine))
          .isInstanceOf(IllegalArgumentException.class);
      return;
    }
    byte[] payload = HexFormat.of().parseHex(recorded.get("payloadHex").stringValue());
    Decoded decoded = new Decoded(EngineType.named(engine));
    switch (error) {
      case "" -> {
        decoded.take(payload);
        assertEvents(recorded.get("expected"), decoded);
        assertTopic(recorded);
      }
      case "PAYLOAD_TRUNCATED", "BATCH_NOT_ARRAY" -> {
        assertThatThrownBy(() -> decoded.take(payload))
            .isInstanceOf(MalformedPayloadException.class);
        assertThat(decoded.events()).isEmpty();
      }
      default -> assertRefused(error, engine, decoded, payload);
    }
  }

  private static void assertRefused(String error, String engine, Decoded decoded, byte[] payload)
      throws MalformedPayloadException {
    KvEventDecoder.Result result = decoded.take(payload);
    switch (error) {
      case "UNKNOWN_EVENT_TAG" -> assertThat(result.unknown()).isPositive();
      case "ARRAY_LENGTH_MISMATCH" -> assertThat(result.events() + result.refused()).isPositive();
      case "EVENT_NOT_ARRAY_OR_MAP" ->
          assertThat(
                  result.refused()
                      + result.unknown()
                      + (engine.equals("sglang") ? result.events() : 0))
              .isPositive();
      case "UNSUPPORTED_HASH_TYPE" -> {
        if (result.refused() == 0) {
          assertThat(decoded.events().getFirst().hashes())
              .anyMatch(hash -> hash == hash.intValue() || hash >>> 32 == 0);
        }
      }
      default -> assertThat(result.refused()).as(error).isPositive();
    }
  }

  private static void assertEvents(JsonNode expected, Decoded decoded) {
    assertThat(decoded.time()).isEqualTo(expected.get("timestamp").doubleValue());
    JsonNode events = expected.get("events");
    int count = events == null || events.isNull() ? 0 : events.size();
    assertThat(decoded.events()).hasSize(count);
    for (int i = 0; i < count; i++) {
      assertEvent(events.get(i), decoded.events().get(i));
    }
  }

  private static void assertEvent(JsonNode expected, Decoded.Event event) {
    assertThat(event.type()).isEqualTo(expected.get("type").stringValue());
    assertThat(event.medium()).isEqualTo(expected.get("deviceTier").stringValue());
    if (event.type().equals("AllBlocksCleared")) {
      return;
    }
    assertThat(event.hashes())
        .containsExactlyElementsOf(
            expected
                .get("blockHashes")
                .valueStream()
                .map(hash -> Long.parseUnsignedLong(hash.stringValue()))
                .toList());
    JsonNode group = expected.get("groupIdx");
    assertThat(event.group()).isEqualTo(group.isNull() ? KvLocations.NO_GROUP : group.intValue());
    if (event.type().equals("BlockStored")) {
      assertThat(event.parent())
          .isEqualTo(Long.parseUnsignedLong(expected.get("parentHash").stringValue()));
      assertThat(event.tokens())
          .containsExactlyElementsOf(
              expected.get("tokens").valueStream().map(t -> (int) t.longValue()).toList());
      assertThat(event.blockTokens()).isEqualTo(expected.get("blockSize").intValue());
      assertThat(event.loraName()).isEqualTo(expected.get("loraName").stringValue(""));
      assertThat(event.cacheKind()).isEqualTo(expected.get("kvCacheSpecKind").stringValue(""));
      assertExtras(expected, event);
    }
  }

  private static void assertExtras(JsonNode expected, Decoded.Event event) {
    assertThat(event.hasExtras()).isEqualTo(!expected.get("extraKeys").isNull());
    JsonNode parsed = expected.get("parsedExtraFeatures");
    if (parsed == null || parsed.isNull()) {
      assertThat(event.extras()).allMatch(List::isEmpty);
      return;
    }
    assertThat(event.extras())
        .containsExactlyElementsOf(
            parsed
                .valueStream()
                .map(list -> list.valueStream().map(JsonNode::stringValue).toList())
                .toList());
  }

  private static void assertTopic(JsonNode recorded) {
    KvTopic topic = KvTopic.of(recorded.get("topic").stringValue());
    assertThat(topic.endpoint()).isEqualTo(recorded.get("expected").get("podId").stringValue());
    assertThat(topic.model()).isEqualTo(recorded.get("expected").get("model").stringValue());
  }
}
