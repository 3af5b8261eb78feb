package ai.llmd.epp.adapter.kvevents.stream;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.kvevents.EngineType;
import ai.llmd.epp.adapter.kvevents.EventBatch;
import ai.llmd.epp.adapter.kvevents.stream.EventSink.Applied;
import ai.llmd.epp.domain.kvcache.HashAlgorithm;
import ai.llmd.epp.domain.kvcache.KvBlockHasher;
import ai.llmd.epp.domain.kvcache.KvBlockIndex;
import ai.llmd.epp.domain.kvcache.KvEventApplier;
import ai.llmd.epp.domain.kvcache.KvEventCounts;
import ai.llmd.epp.domain.kvcache.KvLocations;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class IndexSinkTest {

  private static final String ENDPOINT = "127.0.0.1:30000";
  private static final String OTHER = "127.0.0.1:30001";
  private static final JsonNode MESSAGES =
      JsonMapper.shared()
          .readTree(
              Objects.requireNonNull(
                  IndexSinkTest.class.getResourceAsStream("/golden/kv-real/sglang-0.5.23.json")))
          .get("cases");

  private final KvLocations locations = new KvLocations(KvLocations.DEFAULT_WEIGHTS);
  private final KvBlockIndex index = new KvBlockIndex(1 << 26, locations, 5);
  private final IndexSink sink =
      new IndexSink(
          EngineType.SGLANG,
          new KvEventApplier(
              index,
              new KvBlockHasher(HashAlgorithm.XXH64, "", 16),
              locations,
              new KvEventCounts()),
          endpoint -> Map.of(ENDPOINT, 3, OTHER, 4).getOrDefault(endpoint, -1));

  @Test
  void writesBlocksForTheSlotOfTheEndpoint() {
    assertThat(sink.message(ENDPOINT, "tiny", stored())).isEqualTo(Applied.WHOLE);
    assertThat(index.blocks()).isEqualTo(4);
  }

  @Test
  void saysThatACacheWasCleared() {
    sink.message(ENDPOINT, "tiny", stored());
    assertThat(sink.message(ENDPOINT, "tiny", payload(0))).isEqualTo(Applied.CLEARED);
    assertThat(held()).isZero();
  }

  @Test
  void passesOverAnEndpointWithoutASlot() {
    assertThat(sink.message("10.0.0.1:1", "tiny", stored())).isEqualTo(Applied.IN_PART);
    assertThat(index.blocks()).isZero();
  }

  @Test
  void saysThatAMessageCouldNotBeRead() {
    assertThat(sink.message(ENDPOINT, "tiny", new byte[] {1})).isEqualTo(Applied.IN_PART);
  }

  @Test
  void forgetsOneEndpointAndNoOther() {
    sink.message(ENDPOINT, "tiny", stored());
    sink.message(OTHER, "tiny", stored());
    sink.forget(ENDPOINT);
    assertThat(held()).isEqualTo(4);
    sink.clear(OTHER);
    assertThat(held()).isZero();
  }

  /** Of eleven groups in three tiers nothing is kept, so that none of it needs a number. */
  @Test
  void indexesFullAttentionBehindManyGroupsOfOtherKinds() {
    EventBatch batch = new EventBatch();
    for (int i = 0; i < 33; i++) {
      batch.storedIn("tier " + i % 3, i / 3, "sliding_window", 1 + i);
    }
    for (int i = 0; i < 3; i++) {
      batch.storedIn("tier " + i, 11, 101 + i);
    }
    assertThat(sink.message(ENDPOINT, "tiny", batch.bytes())).isEqualTo(Applied.WHOLE);
    assertThat(index.engineKeys()).isEqualTo(3);
    assertThat(locations.count()).isEqualTo(4);
  }

  @Test
  void removesFromTiersThatAreKnownAndNamesNoOthers() {
    EventBatch stored = new EventBatch().storedIn("gpu", 0, 1);
    EventBatch removed = new EventBatch();
    for (int i = 0; i < 40; i++) {
      removed.removedIn("tier " + i, 0, 1);
    }
    sink.message(ENDPOINT, "tiny", stored.bytes());
    assertThat(sink.message(ENDPOINT, "tiny", removed.bytes())).isEqualTo(Applied.WHOLE);
    assertThat(locations.count()).isEqualTo(2);
    assertThat(index.blocks()).isEqualTo(1);
    sink.message(ENDPOINT, "tiny", new EventBatch().removedIn("GPU", 0, 1).bytes());
    assertThat(index.blocks()).isZero();
  }

  /** Blocks of the first message that have a holder. */
  private int held() {
    int[] held = {0};
    KvBlockHasher hasher = new KvBlockHasher(HashAlgorithm.XXH64, "", 16);
    int[] tokens =
        MESSAGES
            .get(1)
            .get("events")
            .get(0)
            .get("token_ids")
            .valueStream()
            .mapToInt(JsonNode::intValue)
            .toArray();
    long[] keys = new long[hasher.blocks(tokens.length)];
    hasher.hash(hasher.root("tiny"), tokens, tokens.length, null, keys);
    for (long key : keys) {
      index.forEachHolder(key, (slot, location) -> held[0]++);
    }
    return held[0];
  }

  private static byte[] stored() {
    return payload(1);
  }

  private static byte[] payload(int number) {
    return HexFormat.of().parseHex(MESSAGES.get(number).get("payloadHex").stringValue());
  }
}
