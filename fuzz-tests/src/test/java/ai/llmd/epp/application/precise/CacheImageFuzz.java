package ai.llmd.epp.application.precise;

import ai.llmd.epp.application.port.out.kvcache.KvCursor;
import ai.llmd.epp.domain.kvcache.HashAlgorithm;
import ai.llmd.epp.domain.kvcache.KvBlockHasher;
import ai.llmd.epp.domain.kvcache.KvBlockIndex;
import ai.llmd.epp.domain.kvcache.KvEventApplier;
import ai.llmd.epp.domain.kvcache.KvEventCounts;
import ai.llmd.epp.domain.kvcache.KvLocations;
import ai.llmd.epp.domain.pool.EndpointId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What another replica knows of an endpoint's cache, in pieces that anything may have written to
 * the store: put together or refused, read or refused as a whole, and stored within the index's
 * bound; what was read and is written again means the same.
 */
public final class CacheImageFuzz {

  private static final int INDEX_BYTES = 1 << 22;
  private static final int SLOT = 3;
  private static final String ADDRESS = "10.0.0.1:8000";
  private static final EndpointId ENDPOINT = new EndpointId("ns", "a");

  private CacheImageFuzz() {}

  /** What one replica knows. */
  private static final class Replica {
    final KvLocations locations = new KvLocations(KvLocations.DEFAULT_WEIGHTS);
    final KvBlockIndex index = new KvBlockIndex(INDEX_BYTES, locations, 5);
    final KvEventApplier applier =
        new KvEventApplier(
            index, new KvBlockHasher(HashAlgorithm.XXH64, "", 16), locations, new KvEventCounts());

    byte[] image() {
      var cursor = new KvCursor(5, 6, true);
      return Objects.requireNonNull(
          CacheImage.write(1, ADDRESS, cursor, SLOT, index, applier, locations));
    }

    /** False when it is no image, or too large a one. */
    boolean isStored(byte[] bytes) {
      CacheImage image = CacheImage.read(bytes);
      return image != null
          && index.hasRoom(image.blocks())
          && image.store(SLOT, index, applier, locations);
    }
  }

  public static void fuzzerTestOneInput(byte[] data) {
    new ImagePieces().put(ENDPOINT, data);
    Replica one = new Replica();
    boolean isStored = one.isStored(data);
    require(one.index.bytes() <= INDEX_BYTES, "the index is larger than its bound");
    if (isStored) {
      Replica other = new Replica();
      require(other.isStored(one.image()), "an image that was written cannot be read");
      require(
          one.index.engineKeys() == other.index.engineKeys(),
          "other keys: " + one.index.engineKeys() + ", " + other.index.engineKeys());
      one.index.clear(SLOT);
      other.index.clear(SLOT);
      require(one.index.bytes() <= INDEX_BYTES, "clearing takes memory");
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }

  public static List<byte[]> seeds() {
    Replica one = new Replica();
    int gpu = one.locations.location(one.locations.tier("gpu"), KvLocations.NO_GROUP);
    int cpu = one.locations.location(one.locations.tier("cpu"), 2);
    one.index.store(SLOT, gpu, new long[] {101, 102}, 2, new long[] {1, 2}, 2);
    one.index.store(SLOT, gpu, new long[] {102}, 1, new long[] {2}, 1);
    one.index.store(SLOT, gpu, new long[] {103}, 1, new long[] {3, 4}, 2);
    one.index.locate(SLOT, cpu, new long[] {103}, 1);
    one.applier.takeOver(SLOT, 32, Map.of(2, "full_attention"));
    byte[] image = one.image();
    return List.of(
        image, ImagePieces.cut(image).getFirst(), Arrays.copyOf(image, image.length - 9));
  }
}
