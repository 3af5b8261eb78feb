package ai.llmd.epp.adapter.tokenizers.local;

import ai.llmd.epp.domain.prefix.XxHash64;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of parts of prompts, within a bound of bytes; those that were longest not asked for go
 * first. Any thread; in shards with locks of their own, each held for a look-up.
 */
final class PartCache {

  private static final int SHARDS = 16;
  private static final int ENTRY_BYTES = 120;

  private final Shard[] shards = new Shard[SHARDS];
  private final long secret;

  /** What distinguishes a part, in 128 bits that depend on a secret. */
  record Key(long high, long low) {}

  PartCache(long maxBytes, long secret) {
    this.secret = secret;
    Arrays.setAll(shards, i -> new Shard(maxBytes / SHARDS));
  }

  Key key(String part) {
    byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
    XxHash64 high = new XxHash64(secret);
    XxHash64 low = new XxHash64(secret * 0x9E3779B97F4A7C15L + 1);
    high.update(bytes, 0, bytes.length);
    low.update(bytes, 0, bytes.length);
    return new Key(high.digest(), low.digest());
  }

  int @Nullable [] get(Key key) {
    return shard(key).get(key);
  }

  void put(Key key, int[] ids) {
    shard(key).put(key, ids);
  }

  long bytes() {
    return Arrays.stream(shards).mapToLong(Shard::bytes).sum();
  }

  private Shard shard(Key key) {
    return shards[(int) (key.high() >>> 60)];
  }

  private static long weight(int[] ids) {
    return ENTRY_BYTES + 4L * ids.length;
  }

  /** A part of the cache. */
  private static final class Shard {

    private final long maxBytes;
    private final Map<Key, int[]> byKey = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    Shard(long maxBytes) {
      this.maxBytes = maxBytes;
    }

    synchronized int @Nullable [] get(Key key) {
      return byKey.get(key);
    }

    synchronized void put(Key key, int[] ids) {
      if (weight(ids) > maxBytes) {
        return;
      }
      int[] before = byKey.put(key, ids);
      bytes += weight(ids) - (before == null ? 0 : weight(before));
      Iterator<int[]> oldest = byKey.values().iterator();
      while (bytes > maxBytes) {
        bytes -= weight(oldest.next());
        oldest.remove();
      }
    }

    synchronized long bytes() {
      return bytes;
    }
  }
}
