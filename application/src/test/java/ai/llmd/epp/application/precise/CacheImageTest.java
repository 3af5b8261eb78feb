package ai.llmd.epp.application.precise;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.kvcache.KvCursor;
import ai.llmd.epp.domain.kvcache.HashAlgorithm;
import ai.llmd.epp.domain.kvcache.KvBlockHasher;
import ai.llmd.epp.domain.kvcache.KvBlockIndex;
import ai.llmd.epp.domain.kvcache.KvEventApplier;
import ai.llmd.epp.domain.kvcache.KvEventCounts;
import ai.llmd.epp.domain.kvcache.KvLocations;
import ai.llmd.epp.domain.pool.EndpointId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class CacheImageTest {

  private static final KvCursor CURSOR = new KvCursor(41, -7, true);
  private static final EndpointId ENDPOINT = new EndpointId("ns", "p");
  private static final long HASHING = 99;
  private static final String ADDRESS = "10.0.0.1:8000";

  /** What one replica knows. */
  private static final class Replica {
    final KvLocations locations = new KvLocations(KvLocations.DEFAULT_WEIGHTS);
    final KvBlockIndex index = new KvBlockIndex(8 << 20, locations, 5);
    final KvEventApplier applier =
        new KvEventApplier(
            index, new KvBlockHasher(HashAlgorithm.XXH64, "", 16), locations, new KvEventCounts());

    int location(String tier, int group) {
      return locations.location(locations.tier(tier), group);
    }

    byte[] image(int slot) {
      byte[] image = CacheImage.write(HASHING, ADDRESS, CURSOR, slot, index, applier, locations);
      assertThat(image).isNotNull();
      return image == null ? new byte[0] : image;
    }

    /** What an endpoint holds, by names. */
    List<String> holders(long... keys) {
      List<String> holders = new ArrayList<>();
      for (long key : keys) {
        List<String> ofKey = new ArrayList<>();
        index.forEachHolder(
            key,
            (slot, location) ->
                ofKey.add(
                    key
                        + " "
                        + slot
                        + " "
                        + locations.tiers().get(locations.tierOf(location))
                        + " "
                        + locations.groupOf(location)));
        ofKey.sort(null);
        holders.addAll(ofKey);
      }
      return holders;
    }
  }

  private static Replica filled() {
    Replica one = new Replica();
    one.location("disk", KvLocations.NO_GROUP); // so that numbers differ from replica to replica
    int gpu = one.location("gpu", KvLocations.NO_GROUP);
    int cpu = one.location("cpu", 3);
    one.index.store(4, gpu, new long[] {101, 102}, 2, new long[] {1, 2}, 2);
    one.index.store(4, gpu, new long[] {102}, 1, new long[] {2}, 1); // once more
    one.index.store(4, gpu, new long[] {103}, 1, new long[] {3, 4}, 2); // a key for two blocks
    one.index.locate(4, cpu, new long[] {103}, 1);
    one.index.store(9, gpu, new long[] {101}, 1, new long[] {1}, 1); // another endpoint
    one.index.expect(4, new long[] {5});
    one.applier.takeOver(4, 32, Map.of(3, "full_attention"));
    return one;
  }

  private static CacheImage read(byte[] image) {
    CacheImage read = CacheImage.read(image);
    assertThat(read).isNotNull();
    return Objects.requireNonNull(read);
  }

  @Test
  void bringsWhatTheEndpointAnnouncedToAnotherReplica() {
    Replica other = new Replica();
    CacheImage image = read(filled().image(4));
    assertThat(image.cursor()).isEqualTo(CURSOR);
    assertThat(image.isOf(HASHING, ADDRESS)).isTrue();
    assertThat(image.isOf(HASHING, "10.0.0.2:8000")).isFalse();
    assertThat(image.isOf(1, ADDRESS)).isFalse();

    assertThat(image.store(7, other.index, other.applier, other.locations)).isTrue();
    assertThat(other.holders(1, 2, 3, 4, 5))
        .containsExactly("1 7 gpu -1", "2 7 gpu -1", "3 7 gpu -1", "4 7 cpu 3", "4 7 gpu -1");
    assertThat(other.applier.blockTokens(7)).isEqualTo(32);
    assertThat(other.applier.kinds(7)).isEqualTo(Map.of(3, "full_attention"));
  }

  @Test
  void whatWasAnnouncedTwiceHasToBeGivenUpTwiceThereToo() {
    Replica other = new Replica();
    read(filled().image(4)).store(7, other.index, other.applier, other.locations);
    int gpu = other.location("gpu", KvLocations.NO_GROUP);
    assertThat(other.index.remove(7, gpu, 102)).isFalse();
    assertThat(other.index.remove(7, gpu, 102)).isTrue();
    assertThat(other.holders(2)).isEmpty();
  }

  @Test
  void isStoredOnceHoweverOftenItComes() {
    Replica other = new Replica();
    for (int i = 0; i < 3; i++) {
      read(filled().image(4)).store(7, other.index, other.applier, other.locations);
    }
    int gpu = other.location("gpu", KvLocations.NO_GROUP);
    assertThat(other.index.remove(7, gpu, 101)).isTrue();
    assertThat(other.holders(1)).isEmpty();
  }

  @Test
  void isPutTogetherFromPiecesInTheirOrder() {
    byte[] image = new byte[300_000];
    new Random(1).nextBytes(image);
    List<byte[]> pieces = ImagePieces.cut(image);
    assertThat(pieces).hasSize(3);
    ImagePieces arriving = new ImagePieces();
    assertThat(arriving.put(ENDPOINT, pieces.get(0)).isWaiting()).isTrue();
    assertThat(arriving.put(ENDPOINT, pieces.get(1)).isWaiting()).isTrue();
    assertThat(arriving.put(ENDPOINT, pieces.get(2)).image()).isEqualTo(image);

    assertThat(arriving.put(ENDPOINT, pieces.get(0)).isWaiting()).isTrue();
    assertThat(arriving.put(ENDPOINT, pieces.get(2)).isWaiting()).isFalse();
    assertThat(arriving.put(ENDPOINT, pieces.get(1)).isWaiting()).isFalse();
  }

  /** Whatever is in the store, reading ends, and what is read can be stored. */
  @RepeatedTest(500)
  void survivesBytesThatAreNoImage(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    byte[] image = filled().image(4);
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      image[random.nextInt(image.length)] = (byte) random.nextInt();
    }
    byte[] cut = Arrays.copyOf(image, image.length - random.nextInt(3));
    CacheImage read = CacheImage.read(cut);
    Replica other = new Replica();
    if (read != null && other.index.hasRoom(read.blocks())) {
      read.store(7, other.index, other.applier, other.locations);
    }
    assertThat(other.index.bytes()).isLessThanOrEqualTo(8 << 20);
  }
}
