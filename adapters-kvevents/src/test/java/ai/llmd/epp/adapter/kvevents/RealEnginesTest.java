package ai.llmd.epp.adapter.kvevents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import ai.llmd.epp.domain.golden.GoldenFiles;
import ai.llmd.epp.domain.kvcache.HashAlgorithm;
import ai.llmd.epp.domain.kvcache.KvBlockHasher;
import ai.llmd.epp.domain.kvcache.KvBlockIndex;
import ai.llmd.epp.domain.kvcache.KvEventApplier;
import ai.llmd.epp.domain.kvcache.KvEventCounts;
import ai.llmd.epp.domain.kvcache.KvLocations;
import ai.llmd.epp.domain.kvcache.KvMatch;
import ai.llmd.epp.domain.kvcache.PromptExtras;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Messages of real model servers, as they came over the wire. */
class RealEnginesTest {

  private static final List<String> OURS =
      List.of(
          "kv-real/vllm-0.32.0-int-hashes.json",
          "kv-real/sglang-0.5.23.json",
          "kv-real/llm-d-inference-sim-0.9-map.json");

  static Stream<Named<JsonNode>> files() throws IOException {
    Path given = GoldenFiles.given("kv-real").orElse(null);
    List<String> names = OURS;
    if (given != null) {
      try (Stream<Path> found = Files.list(given)) {
        names =
            found
                .map(path -> "kv-real/" + path.getFileName())
                .filter(name -> name.endsWith(".json"))
                .sorted()
                .toList();
      }
    }
    return names.stream().map(name -> named(name, GoldenFiles.read(RealEnginesTest.class, name)));
  }

  @ParameterizedTest
  @MethodSource("files")
  void readsEveryEventOfEveryMessage(JsonNode file) throws MalformedPayloadException {
    EngineType engine = EngineType.named(file.get("engine").stringValue());
    for (JsonNode message : file.get("cases")) {
      Decoded decoded = new Decoded(engine);
      KvEventDecoder.Result result = decoded.take(payload(message));
      assertThat(result.refused() + result.unknown()).isZero();
      assertThat(decoded.time()).isEqualTo(message.get("ts").doubleValue());
      assertThat(decoded.events()).hasSize(message.get("events").size());
      for (int i = 0; i < decoded.events().size(); i++) {
        assertSame(message.get("events").get(i), decoded.events().get(i));
      }
    }
  }

  /** A request with the tokens, model or adapter and salt of a block that is there finds it. */
  @ParameterizedTest
  @MethodSource("files")
  void aRequestFindsEveryNewChain(JsonNode file) throws MalformedPayloadException {
    EngineType engine = EngineType.named(file.get("engine").stringValue());
    for (JsonNode message : file.get("cases")) {
      for (JsonNode event : message.get("events")) {
        if (event.get("type").stringValue().equals("BlockStored")
            && hash(event.get("parent_block_hash")) == 0) {
          assertThat(matched(engine, message, event)).isEqualTo(event.get("block_hashes").size());
        }
      }
    }
  }

  private static int matched(EngineType engine, JsonNode message, JsonNode event)
      throws MalformedPayloadException {
    KvLocations locations = new KvLocations(KvLocations.DEFAULT_WEIGHTS);
    KvBlockIndex index = new KvBlockIndex(1 << 26, locations, 3);
    KvBlockHasher hasher =
        new KvBlockHasher(HashAlgorithm.CBOR_FNV, "", event.get("block_size").intValue());
    KvEventApplier applier = new KvEventApplier(index, hasher, locations, new KvEventCounts());
    KvTopic topic = KvTopic.of(message.get("topic").stringValue());
    new KvEventDecoder(engine)
        .decode(payload(message), each -> applier.apply(each, 0, topic.model()));

    int[] tokens = tokens(event);
    int blocks = hasher.blocks(tokens.length);
    String salt = salt(event);
    long[] keys = new long[blocks];
    String lora = event.path("lora_name").stringValue("");
    hasher.hash(
        hasher.root(lora.isEmpty() ? topic.model() : lora),
        tokens,
        tokens.length,
        PromptExtras.of(List.of(), salt, blocks, hasher.blockTokens()),
        keys);
    KvMatch match = new KvMatch(1);
    index.match(keys, 0, blocks, match);
    return match.blocks(0);
  }

  /** The salt of a prompt: a field of its own, or a text on its first block that is no adapter. */
  private static String salt(JsonNode event) {
    JsonNode first = event.path("extra_keys").path(0).path(0);
    String text = first.stringValue("");
    String lora = event.path("lora_name").stringValue("");
    return event.path("cache_salt").stringValue(text.equals(lora) ? "" : text);
  }

  private static void assertSame(JsonNode expected, Decoded.Event event) {
    assertThat(event.type()).isEqualTo(expected.get("type").stringValue());
    assertThat(event.medium()).isEqualTo(expected.path("medium").stringValue(""));
    assertThat(event.loraName()).isEqualTo(expected.path("lora_name").stringValue(""));
    assertThat(event.cacheSalt()).isEqualTo(expected.path("cache_salt").stringValue(""));
    assertThat(event.cacheKind()).isEqualTo(expected.path("kv_cache_spec_kind").stringValue(""));
    assertThat(event.group()).isEqualTo(expected.path("group_idx").intValue(KvLocations.NO_GROUP));
    assertThat(event.parent()).isEqualTo(hash(expected.get("parent_block_hash")));
    assertThat(event.blockTokens()).isEqualTo(expected.path("block_size").intValue(0));
    assertThat(event.hashes())
        .containsExactlyElementsOf(
            expected.path("block_hashes").valueStream().map(RealEnginesTest::hash).toList());
    int[] tokens = tokens(expected);
    assertThat(event.tokens().stream().mapToInt(Integer::intValue).toArray())
        .containsExactly(tokens);
  }

  private static int[] tokens(JsonNode event) {
    return event
        .path("token_ids")
        .valueStream()
        .mapToInt(token -> (int) (token.isArray() ? token.get(0) : token).longValue())
        .toArray();
  }

  /** Hashes are numbers, texts of numbers, or bytes of which the last eight count. */
  private static long hash(@Nullable JsonNode hash) {
    if (hash == null || hash.isNull()) {
      return 0;
    }
    if (hash.has("bin")) {
      String hex = hash.get("bin").stringValue();
      return Long.parseUnsignedLong(hex.substring(Math.max(0, hex.length() - 16)), 16);
    }
    String text = hash.isString() ? hash.stringValue() : hash.toString();
    return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
  }

  private static byte[] payload(JsonNode message) {
    return HexFormat.of().parseHex(message.get("payloadHex").stringValue());
  }
}
