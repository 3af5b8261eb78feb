package ai.llmd.epp.domain.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Named.named;

import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.golden.GoldenFiles;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.scorer.PrefixCacheScorer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Matches and scores that the reference computed from the same index. */
class GoldenScoringTest {

  private static final double TOLERANCE = 1e-9;

  private final Map<String, Integer> slots = new HashMap<>();

  static Stream<Named<JsonNode>> cases() {
    return GoldenFiles.read(GoldenScoringTest.class, "kv_scoring.json")
        .get("cases")
        .valueStream()
        .map(c -> named(c.get("name").stringValue(), c));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void matchesAndScoresLikeTheReference(JsonNode recorded) {
    KvLocations locations = new KvLocations(weights(recorded.get("tierWeights")));
    KvBlockIndex index = new KvBlockIndex(1 << 24, locations, 1);
    boolean isExact = fill(index, locations, recorded);
    List<String> endpoints =
        recorded.get("endpoints").valueStream().map(JsonNode::stringValue).toList();
    endpoints.forEach(this::slot);
    KvMatch match = new KvMatch(slots.size());
    int total = 0;
    for (int i = 0; i < recorded.get("prompts").size(); i++) {
      long[] keys = keys(recorded.get("prompts").get(i));
      total += keys.length;
      if (isExact) {
        assertScores(index, keys, recorded.get("expected").get("perPrompt").get(i), endpoints);
      }
      index.match(keys, 0, keys.length, match);
    }
    for (String endpoint : endpoints) {
      JsonNode expected = recorded.get("expected").get("endpoints").get(endpoint);
      int slot = slot(endpoint);
      if (isExact) {
        assertEndpoint(match, slot, locations, expected, recorded, total);
      } else { // the reference forgets holders above its limit, we none
        assertThat(match.blocks(slot))
            .isGreaterThanOrEqualTo(expected.get("cachedBlockCount").intValue());
      }
    }
  }

  private void assertScores(
      KvBlockIndex index, long[] keys, JsonNode expected, List<String> endpoints) {
    KvMatch one = new KvMatch(slots.size());
    index.match(keys, 0, keys.length, one);
    for (String endpoint : endpoints) {
      JsonNode score = expected.get("scores").get(endpoint);
      assertThat(one.score(slot(endpoint)))
          .isCloseTo(score == null ? 0 : score.doubleValue(), within(TOLERANCE));
    }
    for (Map.Entry<String, JsonNode> found : expected.get("lookup").properties()) {
      Set<String> holders = new HashSet<>();
      index.forEachHolder(
          Long.parseUnsignedLong(found.getKey()),
          (slot, location) -> holders.add(slot + (location == 0 ? " expected" : "")));
      holders.removeIf(holder -> !isAmong(endpoints, holder));
      Set<String> wanted = new HashSet<>();
      for (JsonNode entry : found.getValue()) {
        wanted.add(
            slot(entry.get("pod").stringValue())
                + (entry.get("speculative").booleanValue() ? " expected" : ""));
      }
      assertThat(holders).isEqualTo(wanted);
    }
  }

  private boolean isAmong(List<String> endpoints, String holder) {
    return endpoints.stream().anyMatch(e -> holder.replace(" expected", "").equals("" + slot(e)));
  }

  private static void assertEndpoint(
      KvMatch match,
      int slot,
      KvLocations locations,
      JsonNode expected,
      JsonNode recorded,
      int total) {
    int matched = (int) match.score(slot);
    int blockTokens = recorded.get("blockSizeTokens").intValue();
    assertThat(matched).isEqualTo(expected.get("matchBlocks").intValue());
    assertThat(total).isEqualTo(expected.get("totalBlocks").intValue());
    assertThat(match.blocks(slot)).isEqualTo(expected.get("cachedBlockCount").intValue());
    Map<String, Integer> byTier = new TreeMap<>();
    expected
        .get("cachedBlocksByTier")
        .properties()
        .forEach(tier -> byTier.put(tier.getKey(), tier.getValue().intValue()));
    assertThat(match.blocksByTier(slot, locations)).isEqualTo(byTier);
    if (expected.has("mmMatchBlocks")) {
      long media =
          recorded
              .get("mmBlockIndices")
              .valueStream()
              .filter(i -> i.intValue() < match.blocks(slot))
              .count();
      assertThat(media).isEqualTo(expected.get("mmMatchBlocks").longValue());
    }
    assertThat(score(matched, total, blockTokens, 0, 8192))
        .isCloseTo(expected.get("prefixCacheScore").doubleValue(), within(TOLERANCE));
    assertThat(score(matched, total, blockTokens, 0.5, 128))
        .isCloseTo(expected.get("prefixCacheScore_w0.5_scale128").doubleValue(), within(TOLERANCE));
  }

  private static double score(int matched, int total, int blockTokens, double weight, int scale) {
    PrefixMatches matches = PrefixMatches.uniform(new int[] {matched}, total, blockTokens);
    var cycle =
        new CycleFixture()
            .endpoint(CycleFixture.load(0, 0, 0))
            .fact(PrefixMatches.keyOrDefault(""), matches)
            .build();
    var scorer = new PrefixCacheScorer(new PrefixCacheScorer.Parameters("", weight, scale));
    return CycleFixture.inOrder(cycle, scorer.score(cycle))[0];
  }

  /** Whether no block has more entries than the reference keeps. */
  private boolean fill(KvBlockIndex index, KvLocations locations, JsonNode recorded) {
    Map<Long, Set<String>> entriesByKey = new HashMap<>();
    for (JsonNode add : recorded.get("adds")) {
      long[] keys = keys(add.get("requestKeys"));
      for (JsonNode entry : add.get("entries")) {
        for (long key : keys) {
          entriesByKey.computeIfAbsent(key, k -> new HashSet<>()).add(entry.toString());
        }
        int slot = slot(entry.get("pod").stringValue());
        if (entry.get("speculative").booleanValue()) {
          index.expect(slot, keys);
        } else {
          JsonNode group = entry.get("group");
          int tier = locations.tier(entry.get("tier").stringValue());
          int location =
              locations.location(tier, group == null ? KvLocations.NO_GROUP : group.intValue());
          index.add(slot, location, keys, keys.length);
        }
      }
    }
    int limit = recorded.get("podCacheSize").intValue();
    return entriesByKey.values().stream().allMatch(entries -> entries.size() <= limit);
  }

  private int slot(String endpoint) {
    return slots.computeIfAbsent(endpoint, e -> slots.size());
  }

  private static long[] keys(JsonNode texts) {
    return texts.valueStream().mapToLong(t -> Long.parseUnsignedLong(t.stringValue())).toArray();
  }

  private static Map<String, Double> weights(JsonNode tiers) {
    Map<String, Double> weights = new HashMap<>();
    if (!tiers.isNull()) {
      tiers.forEach(
          tier -> weights.put(tier.get("name").stringValue(), tier.get("weight").doubleValue()));
    }
    return weights;
  }
}
