package ai.llmd.epp.adapter.kvevents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Named.named;

import ai.llmd.epp.domain.golden.GoldenFiles;
import ai.llmd.epp.domain.kvcache.HashAlgorithm;
import ai.llmd.epp.domain.kvcache.KvBlockHasher;
import ai.llmd.epp.domain.kvcache.KvBlockIndex;
import ai.llmd.epp.domain.kvcache.KvEventApplier;
import ai.llmd.epp.domain.kvcache.KvEventCounts;
import ai.llmd.epp.domain.kvcache.KvGolden;
import ai.llmd.epp.domain.kvcache.KvLocations;
import ai.llmd.epp.domain.kvcache.KvMatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Messages from first to last, and what requests find in the index afterwards. */
class GoldenFlowsTest {

  private final Map<String, Integer> slots = new HashMap<>();

  static Stream<Named<JsonNode>> cases() {
    return GoldenFiles.read(GoldenFlowsTest.class, "kv_event_flows.json")
        .get("cases")
        .valueStream()
        .map(c -> named(c.get("name").stringValue(), c));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void findsWhatTheReferenceFinds(JsonNode recorded) {
    KvLocations locations = new KvLocations(KvLocations.DEFAULT_WEIGHTS);
    KvBlockIndex index = new KvBlockIndex(1 << 26, locations, 7);
    KvBlockHasher hasher =
        new KvBlockHasher(
            HashAlgorithm.named(recorded.get("hashAlgorithm").stringValue()),
            recorded.get("hashSeed").stringValue(),
            recorded.get("blockSizeTokens").intValue());
    KvEventApplier applier = new KvEventApplier(index, hasher, locations, new KvEventCounts());
    for (JsonNode message : recorded.get("messages")) {
      apply(applier, message);
    }
    for (JsonNode query : recorded.get("queries")) {
      long[] keys = keys(hasher, query);
      assertThat(Arrays.stream(keys).mapToObj(Long::toUnsignedString))
          .containsExactlyElementsOf(
              query.get("requestKeys").valueStream().map(JsonNode::stringValue).toList());
      KvMatch match = new KvMatch(slots.size());
      index.match(keys, 0, keys.length, match);
      for (Map.Entry<String, Integer> slot : slots.entrySet()) {
        JsonNode score = query.get("scores").get(slot.getKey());
        assertThat(match.score(slot.getValue()))
            .isCloseTo(score == null ? 0 : score.doubleValue(), within(1e-9));
      }
      for (int i = 0; i < keys.length; i++) {
        assertThat(holders(index, locations, keys[i]))
            .containsExactlyInAnyOrderElementsOf(expected(query.get("holdersPerKey").get(i)));
      }
    }
  }

  private void apply(KvEventApplier applier, JsonNode message) {
    String source = message.get("sourceEndpoint").stringValue();
    String text = message.get("topic").stringValue();
    KvTopic topic = source.isEmpty() ? KvTopic.of(text) : KvTopic.from(source, text);
    int slot = slots.computeIfAbsent(topic.endpoint(), e -> slots.size());
    byte[] payload = HexFormat.of().parseHex(message.get("payloadHex").stringValue());
    try {
      new KvEventDecoder(EngineType.named(message.get("engine").stringValue()))
          .decode(payload, event -> applier.apply(event, slot, topic.model()));
    } catch (MalformedPayloadException ignored) {
      // one of the cases; the next message counts
    }
  }

  private static long[] keys(KvBlockHasher hasher, JsonNode query) {
    int[] tokens = KvGolden.tokens(query);
    long[] keys = new long[hasher.blocks(tokens.length)];
    hasher.hash(
        hasher.root(query.get("model").stringValue()),
        tokens,
        tokens.length,
        KvGolden.extras(query.get("extraFeatures")),
        keys);
    return keys;
  }

  private List<String> holders(KvBlockIndex index, KvLocations locations, long key) {
    List<String> holders = new ArrayList<>();
    index.forEachHolder(
        key,
        (slot, location) -> {
          String endpoint =
              slots.entrySet().stream()
                  .filter(e -> e.getValue() == slot)
                  .findFirst()
                  .orElseThrow()
                  .getKey();
          holders.add(endpoint + " " + locations.tiers().get(locations.tierOf(location)));
        });
    return holders;
  }

  private static List<String> expected(JsonNode holders) {
    return holders
        .valueStream()
        .map(h -> h.get("pod").stringValue() + " " + h.get("tier").stringValue())
        .toList();
  }
}
