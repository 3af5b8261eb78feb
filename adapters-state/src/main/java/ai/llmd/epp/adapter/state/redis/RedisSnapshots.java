package ai.llmd.epp.adapter.state.redis;

import static ai.llmd.epp.adapter.state.redis.RedisScript.argument;

import ai.llmd.epp.application.port.out.ReplicationLog.Chunks;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.Snapshot;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import io.lettuce.core.KeyValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The snapshot: a list of chunks under an id of its own, and a hash that names the one in place.
 */
final class RedisSnapshots {

  /** A snapshot that is not finished within this was given up. */
  private static final Duration UNFINISHED = Duration.ofMinutes(2);

  /** More than any snapshot has: a chunk is some hundred KiB. */
  private static final long MAX_CHUNKS = 1 << 16;

  private static final int MAX_ID_CHARACTERS = 64;

  /** Who began to read the one before finishes within this. */
  private static final Duration REPLACED = Duration.ofSeconds(10);

  private final RedisLink link;
  private final RedisKeys keys;
  private final Duration expiry;

  /**
   * @param expiry of a snapshot that is not replaced
   */
  RedisSnapshots(RedisLink link, RedisKeys keys, Duration expiry) {
    this.link = link;
    this.keys = keys;
    this.expiry = expiry;
  }

  void put(Position position, Chunks chunks) throws StoreException {
    String id = RedisKeys.newId();
    String list = keys.chunks(id);
    boolean isInPlace = false;
    try {
      long count = 0;
      for (byte[] chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
        Long _ =
            RedisScript.ADD_CHUNK.run(link, List.of(list), chunk, argument(UNFINISHED.toMillis()));
        count++;
      }
      isInPlace = replace(id, position, count);
    } finally {
      if (!isInPlace) {
        forget(list);
      }
    }
    if (!isInPlace) {
      throw new StoreException("redis lost a part of the snapshot while it was written");
    }
  }

  private boolean replace(String id, Position position, long count) throws StoreException {
    Long replaced =
        RedisScript.PUT_SNAPSHOT.run(
            link,
            List.of(keys.snapshot(), keys.chunks(id)),
            argument(id),
            argument(RedisPositions.text(position)),
            argument(count),
            argument(expiry.toMillis()),
            argument(keys.chunks("")),
            argument(REPLACED.toMillis()));
    return replaced != null && replaced == 1;
  }

  private void forget(String list) {
    try {
      Long _ = link.call(redis -> redis.unlink(list));
    } catch (StoreException e) {
      // it expires by itself
    }
  }

  @Nullable Snapshot get() throws StoreException {
    try {
      return find();
    } catch (StoreException e) {
      if (RedisFailure.isAboutType(e)) {
        return null; // something else is in its place, until a replica writes the next one
      }
      throw e;
    }
  }

  /** Null as well for what another program wrote, and when a part was evicted. */
  private @Nullable Snapshot find() throws StoreException {
    List<KeyValue<String, byte[]>> fields =
        link.call(redis -> redis.hmget(keys.snapshot(), "id", "position", "chunks"));
    if (fields.stream().anyMatch(KeyValue::isEmpty)) {
      return null;
    }
    String id = text(fields.get(0));
    Position position = RedisPositions.parse(text(fields.get(1)));
    long count = RedisNumbers.orElse(fields.get(2).getValue(), -1);
    if (id.length() > MAX_ID_CHARACTERS || position == null || count < 0 || count > MAX_CHUNKS) {
      return null;
    }
    String list = keys.chunks(id);
    Long there = link.call(redis -> redis.llen(list));
    return there != null && there == count
        ? new Snapshot(position, new Reading(list, count))
        : null;
  }

  private static String text(KeyValue<String, byte[]> field) {
    return new String(field.getValue(), StandardCharsets.UTF_8);
  }

  /** Fetches one chunk after the other. */
  private final class Reading implements Chunks {

    private final String list;
    private final long count;
    private long next; // by whoever reads the snapshot

    Reading(String list, long count) {
      this.list = list;
      this.count = count;
    }

    @Override
    public byte @Nullable [] next() throws StoreException {
      if (next == count) {
        return null;
      }
      long index = next++;
      byte[] chunk = link.call(redis -> redis.lindex(list, index));
      if (chunk == null) {
        throw new StoreException("the snapshot was replaced while it was read; ask again");
      }
      return chunk;
    }
  }
}
