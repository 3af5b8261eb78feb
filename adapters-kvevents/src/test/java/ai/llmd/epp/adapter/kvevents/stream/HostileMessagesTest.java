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
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Messages that are made to keep the thread busy or to fill memory, one each: it ends, and those of
 * other servers count as before. Without their bounds they take minutes to days, or the process.
 */
@Timeout(120)
class HostileMessagesTest {

  private static final String ATTACKER = "127.0.0.1:1";
  private static final String OTHER = "127.0.0.1:2";
  private static final long INDEX_BYTES = 64 << 20;
  private static final int MAX_HASHES = 1 << 17;

  private final KvLocations locations = new KvLocations(KvLocations.DEFAULT_WEIGHTS);
  private final KvBlockIndex index = new KvBlockIndex(INDEX_BYTES, locations, 5);
  private final KvEventCounts counts = new KvEventCounts();
  private final IndexSink sink =
      new IndexSink(
          EngineType.VLLM,
          new KvEventApplier(
              index, new KvBlockHasher(HashAlgorithm.XXH64, "", 16), locations, counts),
          endpoint -> Map.of(ATTACKER, 0, OTHER, 1).getOrDefault(endpoint, -1));

  @AfterEach
  void othersAreTakenAsBefore() {
    byte[] message = new EventBatch().stored(2, i -> 900_000_000 + i, 32, 77).bytes();
    long before = index.blocks();
    assertThat(sink.message(OTHER, "m", message)).isEqualTo(Applied.WHOLE);
    assertThat(index.blocks()).isBetween(before, before + 2);
    assertThat(index.bytes()).isLessThanOrEqualTo(INDEX_BYTES);
  }

  @Test
  void takesAsManyKeysAsTheLongestPromptHas() {
    byte[] message = new EventBatch().stored(MAX_HASHES, i -> 1000 + i, 16 * MAX_HASHES, 1).bytes();
    assertThat(sink.message(ATTACKER, "m", message)).isEqualTo(Applied.WHOLE);
    assertThat(index.engineKeys()).isEqualTo(MAX_HASHES);
  }

  @Test
  void refusesAnEventOfMoreKeysOrTokens() {
    EventBatch keys = new EventBatch().stored(MAX_HASHES + 1, i -> 1000 + i, 16, 1);
    EventBatch tokens = new EventBatch().stored(1, i -> 1, 16 * MAX_HASHES + 1, 1);
    assertThat(sink.message(ATTACKER, "m", keys.bytes())).isEqualTo(Applied.IN_PART);
    assertThat(sink.message(ATTACKER, "m", tokens.bytes())).isEqualTo(Applied.IN_PART);
    assertThat(index.blocks()).isZero();
  }

  @Test
  void endsWithKeysThatMeanOtherBlocksEachTime() {
    for (int token = 1; token <= 20; token++) {
      byte[] message = new EventBatch().stored(MAX_HASHES, i -> 1000 + i, 16, token).bytes();
      assertThat(sink.message(ATTACKER, "m", message)).isEqualTo(Applied.WHOLE);
    }
    assertThat(index.engineKeys()).isEqualTo(MAX_HASHES);
  }

  @Test
  void endsWithKeysThatAreNamedOverAndOver() {
    EventBatch batch = new EventBatch();
    for (int i = 0; i < 120; i++) {
      batch.stored(MAX_HASHES - 1, at -> 1 + at % 127, 16 * 1016, 1);
    }
    sink.message(ATTACKER, "m", batch.bytes());
    assertThat(index.engineKeys()).isLessThanOrEqualTo(127);
  }

  /**
   * A block that another server holds stays, so that each removal looks at all that its key means.
   */
  @Test
  void endsWithRemovalsOfAKeyThatMeansManyBlocks() {
    byte[] large = new EventBatch().stored(1, i -> 5, 16 * 1016, 3).bytes();
    assertThat(sink.message(OTHER, "m", large)).isEqualTo(Applied.WHOLE);
    EventBatch removals = new EventBatch().stored(1, i -> 6, 16, 4);
    for (int i = 0; i < 120; i++) {
      removals.removed(5, MAX_HASHES);
    }
    removals.removed(6, 1);
    assertThat(sink.message(ATTACKER, "m", removals.bytes())).isEqualTo(Applied.IN_PART);
    assertThat(holds(0, 6)).isFalse();
    assertThat(holds(1, 5)).isTrue();
  }

  @Test
  void keepsNothingOfAServerWhoseRemovalsItRefuses() {
    byte[] stored = new EventBatch().stored(2, i -> 5 + i, 32, 3).bytes();
    sink.message(ATTACKER, "m", stored);
    sink.message(OTHER, "m", stored);
    byte[] removal = new EventBatch().removed(5, MAX_HASHES + 1).bytes();
    assertThat(sink.message(ATTACKER, "m", removal)).isEqualTo(Applied.IN_PART);
    assertThat(holds(0, 5) || holds(0, 6)).isFalse();
    assertThat(holds(1, 5) && holds(1, 6)).isTrue();
  }

  @Test
  void keepsNothingOfAServerWhoseClearingIsPassedOver() {
    EventBatch batch = new EventBatch();
    for (int i = 0; i < IndexSink.MAX_CLEARS; i++) {
      batch.cleared();
    }
    batch.stored(1, i -> 5, 16, 3).cleared();
    assertThat(sink.message(ATTACKER, "m", batch.bytes())).isEqualTo(Applied.IN_PART);
    assertThat(holds(0, 5)).isFalse();
  }

  /** What was stored before counts, and a bound that was passed by blocks takes none away. */
  @Test
  void keepsWhatItCouldTakeOfTooManyBlocks() {
    EventBatch batch = new EventBatch();
    batch.stored(1, i -> 5, 16, 3).stored(MAX_HASHES + 1, i -> 1000 + i, 16, 1);
    assertThat(sink.message(ATTACKER, "m", batch.bytes())).isEqualTo(Applied.IN_PART);
    assertThat(holds(0, 5)).isTrue();
  }

  /** Whether a server holds what a key of its means. */
  private boolean holds(int slot, long engineKey) {
    int gpu = locations.location(locations.tier(""), KvLocations.NO_GROUP);
    return index.isAnnounced(slot, gpu, engineKey);
  }

  @Test
  void refusesExtraKeysThatWouldBeWrittenForEachBlock() {
    byte[] message = new EventBatch().storedWith(16 * 32_768, 1, 1 << 19, 0).bytes();
    assertThat(sink.message(ATTACKER, "m", message)).isEqualTo(Applied.IN_PART);
    assertThat(counts.storesSkipped()).hasSize(1);
  }

  @Test
  void refusesMoreExtraKeysThanPromptsHave() {
    byte[] lengthy = new EventBatch().storedWith(32, 2, 5 << 20, 1).bytes();
    byte[] many = new EventBatch().storedWith(32, 1 << 18, 1, 1).bytes();
    assertThat(sink.message(ATTACKER, "m", lengthy)).isEqualTo(Applied.IN_PART);
    assertThat(sink.message(ATTACKER, "m", many)).isEqualTo(Applied.IN_PART);
  }

  @Test
  void endsWithManyListsBehindALongOne() {
    byte[] message = new EventBatch().storedWith(16 * 100_000, 100_000, 3 << 20, 1).bytes();
    assertThat(sink.message(ATTACKER, "m", message)).isEqualTo(Applied.IN_PART); // one key too few
  }

  @Test
  void refusesNamesThatAreNone() {
    EventBatch batch = new EventBatch();
    for (int i = 0; i < 3_000; i++) {
      batch.storedOf(i + "x".repeat(5_000), i);
    }
    assertThat(sink.message(ATTACKER, "m", batch.bytes())).isEqualTo(Applied.IN_PART);
    assertThat(index.blocks()).isZero();
  }

  @Test
  void passesOverWhatComesAfterManyClearings() {
    EventBatch others = new EventBatch();
    for (int i = 0; i < 4; i++) {
      int first = 1_000_000 * (i + 1);
      others.stored(MAX_HASHES, at -> first + at, 16 * MAX_HASHES, i + 1);
    }
    assertThat(sink.message(OTHER, "m", others.bytes())).isEqualTo(Applied.WHOLE);
    EventBatch clearings = new EventBatch();
    for (int i = 0; i < 100_000; i++) {
      clearings.stored(1, at -> 3, 16, 100).cleared();
    }
    assertThat(sink.message(ATTACKER, "m", clearings.bytes())).isEqualTo(Applied.IN_PART);
    assertThat(index.blocks()).isGreaterThanOrEqualTo(4 * MAX_HASHES);
  }

  @Test
  void leavesOthersTiersAndGroupsToName() {
    EventBatch names = new EventBatch();
    for (int i = 0; i < 70_000; i++) {
      names.storedIn("tier " + i % 100, i, 1 + i);
    }
    sink.message(ATTACKER, "m", names.bytes());
    byte[] message = new EventBatch().storedIn("disk", 3, 800_000_000).bytes();
    long before = index.engineKeys();
    sink.message(OTHER, "m", message);
    assertThat(index.engineKeys()).isEqualTo(before + 1);
    assertThat(index.isAnnounced(1, locations.location(locations.tier("disk"), 3), 800_000_000))
        .isTrue();
  }

  @Test
  void isInPartWhenThereAreTooManyTiersOrGroups() {
    EventBatch tiers = new EventBatch();
    for (int i = 0; i < 5; i++) {
      tiers.storedIn("tier " + i, 0, 1 + i);
    }
    assertThat(sink.message(ATTACKER, "m", tiers.bytes())).isEqualTo(Applied.IN_PART);
    assertThat(index.engineKeys()).isEqualTo(4);
  }

  @Test
  void refusesATopicThatIsTooLong() {
    byte[][] frames = {new byte[Frames.MAX_TOPIC_BYTES + 1], new byte[Long.BYTES], {1}};
    assertThat(Frames.live(frames)).isNull();
    frames[0] = new byte[Frames.MAX_TOPIC_BYTES];
    assertThat(Frames.live(frames)).isNotNull();
  }
}
