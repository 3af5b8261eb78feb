package ai.llmd.epp.domain.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Named.named;

import ai.llmd.epp.domain.facts.TokenizedPrompt.Feature;
import ai.llmd.epp.domain.golden.GoldenFiles;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Block keys that the reference computed. */
class GoldenBlockHashesTest {

  private static final JsonNode FILE =
      GoldenFiles.read(GoldenBlockHashesTest.class, "kv_block_hashes.json");

  static Stream<Named<JsonNode>> cases() {
    return section("cases");
  }

  static Stream<Named<JsonNode>> requestCases() {
    return section("requestCases");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hashesBlocksLikeTheReference(JsonNode recorded) {
    if (recorded.has("error")) {
      assertThatThrownBy(() -> hash(recorded)).isInstanceOf(IllegalArgumentException.class);
      return;
    }
    assertThat(hash(recorded)).containsExactly(unsigned(recorded.get("hashes")));
  }

  @ParameterizedTest
  @MethodSource("requestCases")
  void hashesRequestsLikeTheReference(JsonNode recorded) {
    KvBlockHasher hasher = hasher(recorded);
    List<long[]> chains = new ArrayList<>();
    for (JsonNode prompt : recorded.get("prompts")) {
      int[] tokens = KvGolden.tokens(prompt);
      BlockExtras extras =
          PromptExtras.of(
              features(prompt),
              recorded.get("cacheSalt").stringValue(),
              hasher.blocks(tokens.length),
              hasher.blockTokens());
      long[] keys = hash(hasher, hasher.root(model(recorded, "targetModel")), tokens, extras);
      if (keys.length > 0) {
        chains.add(keys);
      }
    }
    assertThat(chains.stream().map(GoldenBlockHashesTest::text))
        .containsExactlyElementsOf(
            recorded
                .get("perPromptHashes")
                .valueStream()
                .map(chain -> text(unsigned(chain)))
                .toList());
    if (recorded.get("prompts").size() == 1) {
      assertThat(
              PromptExtras.mediaBlocks(
                  features(recorded.get("prompts").get(0)), hasher.blockTokens()))
          .containsExactly(
              recorded.get("mmBlockIndices").valueStream().mapToInt(JsonNode::intValue).toArray());
    }
  }

  private static long[] hash(JsonNode recorded) {
    KvBlockHasher hasher = hasher(recorded);
    long parent = Long.parseUnsignedLong(recorded.get("parent").stringValue());
    return hash(
        hasher,
        parent == 0 ? hasher.root(model(recorded, "model")) : parent,
        KvGolden.tokens(recorded),
        KvGolden.extras(recorded.get("extraFeatures")));
  }

  private static long[] hash(
      KvBlockHasher hasher, long parent, int[] tokens, @Nullable BlockExtras extras) {
    long[] keys = new long[hasher.blocks(tokens.length) + 3];
    return Arrays.copyOf(keys, hasher.hash(parent, tokens, tokens.length, extras, keys));
  }

  private static KvBlockHasher hasher(JsonNode recorded) {
    return new KvBlockHasher(
        HashAlgorithm.named(recorded.get("hashAlgorithm").stringValue()),
        recorded.get("hashSeed").stringValue(),
        recorded.get("blockSizeTokens").intValue());
  }

  private static String model(JsonNode recorded, String field) {
    return recorded.get(field).stringValue();
  }

  private static List<Feature> features(JsonNode prompt) {
    return prompt
        .get("mmFeatures")
        .valueStream()
        .map(
            feature ->
                new Feature(
                    Modality.valueOf(
                        feature.get("modality").stringValue().toUpperCase(Locale.ROOT)),
                    feature.get("hash").stringValue(),
                    feature.get("offset").intValue(),
                    feature.get("length").intValue()))
        .toList();
  }

  private static long[] unsigned(JsonNode texts) {
    return texts
        .valueStream()
        .mapToLong(text -> Long.parseUnsignedLong(text.stringValue()))
        .toArray();
  }

  private static String text(long[] keys) {
    return Arrays.toString(keys);
  }

  private static Stream<Named<JsonNode>> section(String name) {
    return FILE.get(name).valueStream().map(c -> named(c.get("name").stringValue(), c));
  }
}
