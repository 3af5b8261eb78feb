package ai.llmd.epp.domain.kvcache;

import ai.llmd.epp.domain.prefix.ByteBudget;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/*
 * 64-bit key → entry, where an entry has a number that stays, and 64 bits of its own ("meta"), the lower half
 * of which is a set of holders.
 *
 *   256 shards, each: cells[]   open addressing; 8 bits of the hash and the entry's number: 4 bytes at a load of 0.64 to 0.8
 *                     chunks[]  entries of 16 bytes (key, meta), 64 in a chunk
 *
 * 22 bytes an entry. Shards grow one by one, by a quarter, so that old and new cells together are never
 * more than 1/200 above the whole.
 *
 * Threads. One writer, any readers. A reader sees an entry that moves meanwhile, or misses it: it never loops
 * (a walk is as long as the cells) and never fails (numbers are checked against what it sees). A freed entry has
 * meta 0, as no live one has.
 */
/** Entries by key, within a budget of bytes. One thread writes, any reads without waiting. */
final class BlockTable {

  /** The number of no entry. */
  static final int NONE = 0;

  private static final int SHARD_BITS = 8;
  private static final int LOCAL_BITS = 23;
  private static final int MAX_LOCAL = (1 << LOCAL_BITS) - 1;
  private static final int CELL_LOCAL = (1 << 24) - 1;
  private static final int CHUNK_BITS = 6;
  private static final int CHUNK_ENTRIES = 1 << CHUNK_BITS;
  private static final long CHUNK_BYTES = ByteBudget.ofLongs(2 * CHUNK_ENTRIES);
  private static final int MIN_CELLS = 8;
  private static final int REFERENCE = 8;
  private static final long HOLDERS = 0xffffffffL;

  private static final VarHandle META = MethodHandles.arrayElementVarHandle(long[].class);

  private final ByteBudget budget;
  private final long seed;
  private final Shard[] shards = new Shard[1 << SHARD_BITS];
  private long entries;

  /**
   * @param seed of where entries are kept; a secret to whoever may choose keys
   */
  BlockTable(ByteBudget budget, long seed) {
    this.budget = budget;
    this.seed = seed;
    Arrays.setAll(shards, i -> new Shard());
  }

  /** The number of a key's entry, or {@link #NONE}. Any thread. */
  int find(long key) {
    long hash = mix(key);
    int shard = (int) (hash >>> 56);
    int local = shards[shard].find(key, hash);
    return local == 0 ? NONE : shard << LOCAL_BITS | local;
  }

  /**
   * A new entry for a key that has none; its meta is 0, and has to become something else before the
   * next call. {@link #NONE} when the budget is spent. Writer only.
   */
  int insert(long key) {
    long hash = mix(key);
    int shard = (int) (hash >>> 56);
    int local = shards[shard].insert(key, hash);
    if (local == 0) {
      return NONE;
    }
    entries++;
    return shard << LOCAL_BITS | local;
  }

  /** Frees an entry. Writer only. */
  void remove(int id) {
    shards[id >>> LOCAL_BITS].remove(id & MAX_LOCAL);
    entries--;
  }

  long key(int id) {
    return shards[id >>> LOCAL_BITS].key(id & MAX_LOCAL);
  }

  /** The meta of an entry, 0 when it was freed meanwhile. Any thread. */
  long meta(int id) {
    return shards[id >>> LOCAL_BITS].meta(id & MAX_LOCAL);
  }

  /** Writer only. */
  void meta(int id, long meta) {
    shards[id >>> LOCAL_BITS].meta(id & MAX_LOCAL, meta);
  }

  /** The lower half of an entry's meta, which is a set of holders. Any thread. */
  int holders(int id) {
    return (int) meta(id);
  }

  /** Replaces the lower half of an entry's meta. Writer only. */
  void holders(int id, int set) {
    meta(id, (meta(id) & ~HOLDERS) | (set & HOLDERS));
  }

  /** Entries in use. Exact for the writer. */
  long entries() {
    return entries;
  }

  /** Visits all entries, of which the visited one may be removed. Writer only. */
  void forEach(IntConsumer visitor) {
    forEachWhile(
        id -> {
          visitor.accept(id);
          return true;
        });
  }

  /** Visits entries, of which the visited one may be removed, until one answers no. Writer only. */
  void forEachWhile(IntPredicate visitor) {
    for (int shard = 0; shard < shards.length; shard++) {
      int used = shards[shard].used;
      for (int local = 1; local <= used; local++) {
        if (shards[shard].meta(local) != 0 && !visitor.test(shard << LOCAL_BITS | local)) {
          return;
        }
      }
    }
  }

  private long mix(long key) {
    long h = (key ^ seed) * 0x9E3779B97F4A7C15L;
    h = (h ^ h >>> 32) * 0xD6E8FEB86659FD93L;
    return h ^ h >>> 29;
  }

  /** One part of the table. */
  private final class Shard {

    private volatile int[] cells = {};
    private volatile long[][] chunks = {};
    private int used; // entries that were ever in use
    private int free; // the first of those that no longer are
    private int live;

    int find(long key, long hash) {
      int[] seen = cells;
      int tag = tag(hash);
      int at = place(hash, seen.length);
      for (int left = seen.length; left > 0; left--) {
        int cell = seen[at];
        if (cell == 0) {
          return 0;
        }
        if (cell >>> 24 == tag && key(cell & CELL_LOCAL) == key) {
          return cell & CELL_LOCAL;
        }
        at = at + 1 == seen.length ? 0 : at + 1;
      }
      return 0;
    }

    int insert(long key, long hash) {
      if (live * 5L >= cells.length * 4L && !grow()) {
        return 0;
      }
      int local = takeEntry();
      if (local == 0) {
        return 0;
      }
      long[] chunk = chunks[local >>> CHUNK_BITS];
      chunk[2 * (local & CHUNK_ENTRIES - 1)] = key;
      put(cells, hash, local);
      live++;
      return local;
    }

    void remove(int local) {
      removeCell(cells, local);
      live--;
      long[] chunk = chunks[local >>> CHUNK_BITS];
      int at = 2 * (local & CHUNK_ENTRIES - 1);
      META.setRelease(chunk, at + 1, 0L);
      chunk[at] = free;
      free = local;
    }

    long key(int local) {
      long[][] seen = chunks;
      int chunk = local >>> CHUNK_BITS;
      return chunk < seen.length ? seen[chunk][2 * (local & CHUNK_ENTRIES - 1)] : 0;
    }

    long meta(int local) {
      long[][] seen = chunks;
      int chunk = local >>> CHUNK_BITS;
      return chunk < seen.length
          ? (long) META.getAcquire(seen[chunk], 2 * (local & CHUNK_ENTRIES - 1) + 1)
          : 0;
    }

    void meta(int local, long meta) {
      META.setRelease(chunks[local >>> CHUNK_BITS], 2 * (local & CHUNK_ENTRIES - 1) + 1, meta);
    }

    private int takeEntry() {
      if (free != 0) {
        int local = free;
        free = (int) key(local);
        return local;
      }
      int next = used + 1;
      if (next > MAX_LOCAL) {
        return 0;
      }
      int chunk = next >>> CHUNK_BITS;
      if (chunk == chunks.length) {
        if (!budget.take(CHUNK_BYTES + REFERENCE)) {
          return 0;
        }
        long[][] more = Arrays.copyOf(chunks, chunk + 1);
        more[chunk] = new long[2 * CHUNK_ENTRIES];
        chunks = more;
      }
      used = next;
      return next;
    }

    private boolean grow() {
      int[] old = cells;
      int length = Math.max(MIN_CELLS, old.length + old.length / 4);
      if (!budget.take(bytes(length))) {
        return false;
      }
      int[] grown = new int[length];
      for (int cell : old) {
        if (cell != 0) {
          put(grown, mix(key(cell & CELL_LOCAL)), cell & CELL_LOCAL);
        }
      }
      cells = grown;
      if (old.length > 0) {
        budget.give(bytes(old.length));
      }
      return true;
    }

    private void put(int[] into, long hash, int local) {
      int at = place(hash, into.length);
      while (into[at] != 0) {
        at = at + 1 == into.length ? 0 : at + 1;
      }
      into[at] = tag(hash) << 24 | local;
    }

    /** Takes a cell out, and moves those behind it up that belong before the gap. */
    private void removeCell(int[] all, int local) {
      int gap = place(mix(key(local)), all.length);
      while ((all[gap] & CELL_LOCAL) != local) {
        gap = gap + 1 == all.length ? 0 : gap + 1;
      }
      int at = gap;
      while (true) {
        at = at + 1 == all.length ? 0 : at + 1;
        int cell = all[at];
        if (cell == 0) {
          all[gap] = 0;
          return;
        }
        int wanted = place(mix(key(cell & CELL_LOCAL)), all.length);
        boolean isBetween = gap <= at ? gap < wanted && wanted <= at : gap < wanted || wanted <= at;
        if (!isBetween) {
          all[gap] = cell;
          gap = at;
        }
      }
    }

    private static long bytes(int cells) {
      return ByteBudget.ARRAY_HEADER + (long) Integer.BYTES * cells;
    }

    private static int tag(long hash) {
      return (int) (hash >>> 48) & 0xff;
    }

    private static int place(long hash, int cells) {
      return (int) (((hash & 0xffffffffL) * cells) >>> 32);
    }
  }
}
