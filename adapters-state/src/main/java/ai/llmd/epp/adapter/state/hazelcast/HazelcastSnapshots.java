package ai.llmd.epp.adapter.state.hazelcast;

import ai.llmd.epp.application.port.out.ReplicationLog.Chunks;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.Snapshot;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import com.hazelcast.map.IMap;
import com.hazelcast.nio.serialization.HazelcastSerializationException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The snapshot: chunks under an id of its own, and an entry that names the one in place. */
final class HazelcastSnapshots {

  /** More than any snapshot has: a chunk is some hundred KiB. */
  private static final int MAX_CHUNKS = 1 << 16;

  private static final String IN_PLACE = "in-place";

  private final Duration expiry;
  private final Duration timeout;

  /**
   * @param expiry of a snapshot that is not replaced
   */
  HazelcastSnapshots(Duration expiry, Duration timeout) {
    this.expiry = expiry;
    this.timeout = timeout;
  }

  /** What the entry holds. */
  private record InPlace(UUID id, Position position, int count) {

    private static final int BYTES = 36;

    byte[] bytes() {
      return ByteBuffer.allocate(BYTES)
          .putLong(id.getMostSignificantBits())
          .putLong(id.getLeastSignificantBits())
          .putLong(position.major())
          .putLong(position.minor())
          .putInt(count)
          .array();
    }

    /** Null for what another program has put in its place. */
    static @Nullable InPlace parse(@Nullable Object value) {
      if (!(value instanceof byte[] bytes) || bytes.length != BYTES) {
        return null;
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      var parsed =
          new InPlace(
              new UUID(buffer.getLong(), buffer.getLong()),
              new Position(buffer.getLong(), buffer.getLong()),
              buffer.getInt());
      return parsed.count < 0 || parsed.count > MAX_CHUNKS ? null : parsed;
    }

    String key(int chunk) {
      return id + "/" + chunk;
    }
  }

  void put(IMap<String, byte[]> map, Position position, Chunks chunks) throws StoreException {
    InPlace written = new InPlace(UUID.randomUUID(), position, 0);
    int count = 0;
    try {
      for (byte[] chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
        set(map, written.key(count), chunk);
        count++;
      }
      written = new InPlace(written.id, position, count);
      InPlace replaced = inPlace(map);
      set(map, IN_PLACE, written.bytes());
      if (replaced != null) {
        forget(map, replaced);
      }
    } catch (StoreException e) {
      forget(map, new InPlace(written.id, position, count + 1));
      throw e;
    }
  }

  private void set(IMap<String, byte[]> map, String key, byte[] value) throws StoreException {
    Void ignored =
        HazelcastFailure.answer(
            map.setAsync(key, value, expiry.toMillis(), TimeUnit.MILLISECONDS), timeout);
  }

  /** No caller waits for it: what is not deleted expires. */
  private static void forget(IMap<String, byte[]> map, InPlace snapshot) {
    try {
      for (int i = 0; i < snapshot.count(); i++) {
        var _ = map.deleteAsync(snapshot.key(i));
      }
    } catch (RuntimeException e) {
      // Hazelcast is going down, and what is in it with it
    }
  }

  @Nullable Snapshot get(IMap<String, byte[]> map) throws StoreException {
    InPlace inPlace = inPlace(map);
    return inPlace == null ? null : new Snapshot(inPlace.position(), new Reading(map, inPlace));
  }

  private @Nullable InPlace inPlace(IMap<String, byte[]> map) throws StoreException {
    return InPlace.parse(value(map, IN_PLACE));
  }

  /** What is there, whatever it is: others can write to the map as well. */
  private @Nullable Object value(IMap<String, ?> map, String key) throws StoreException {
    try {
      return HazelcastFailure.answer(map.getAsync(key), timeout);
    } catch (StoreException e) {
      if (e.getCause() instanceof HazelcastSerializationException) {
        return null;
      }
      throw e;
    } catch (HazelcastSerializationException e) {
      return null;
    }
  }

  /** Fetches one chunk after the other. */
  private final class Reading implements Chunks {

    private final IMap<String, byte[]> map;
    private final InPlace inPlace;
    private int next; // by whoever reads the snapshot

    Reading(IMap<String, byte[]> map, InPlace inPlace) {
      this.map = map;
      this.inPlace = inPlace;
    }

    @Override
    public byte @Nullable [] next() throws StoreException {
      if (next == inPlace.count()) {
        return null;
      }
      if (!(value(map, inPlace.key(next++)) instanceof byte[] chunk)) {
        removeIfBroken();
        throw new StoreException("the snapshot was replaced while it was read; ask again");
      }
      return chunk;
    }

    /** Members that die together take chunks with them: then what is in place cannot be read. */
    private void removeIfBroken() throws StoreException {
      if (inPlace.equals(inPlace(map))) {
        var _ = map.deleteAsync(IN_PLACE);
      }
    }
  }
}
