package ai.llmd.epp.domain.kvcache;

import java.util.BitSet;
import java.util.function.IntConsumer;

/*
 * A set of holders is one int. A holder is a slot (15 bits) and a location (8 bits), plus 1.
 *
 *   0          none
 *   positive   this one
 *   negative   a row: of 4, 8 or 16 ints a list, zeros at its end;
 *              from 32 on bits: [words << 16 | sections], then sections of [location + 1, words of bits]
 *
 * Sets do not know where they are kept: each operation answers the set that takes the place of the given one.
 */
/** Sets of holders. One thread writes, any reads. */
final class HolderSets {

  static final int NONE = 0;

  /** The answer when the budget is spent; the set is as before. */
  static final int FULL = Integer.MAX_VALUE;

  static final int MAX_SLOT = (1 << 15) - 1;
  static final int MAX_LOCATION = 254;
  static final int MAX_LISTED = 16;

  private static final int SLOT_BITS = 15;
  private static final int MAX_LIST_SIZE = 4;
  private static final int MIN_BITS_SIZE = 5;
  private static final int LISTED_AGAIN = 8;

  private final RowPool rows;

  HolderSets(RowPool rows) {
    this.rows = rows;
  }

  static int holder(int slot, int location) {
    return (location << SLOT_BITS | slot) + 1;
  }

  static int slot(int holder) {
    return (holder - 1) & MAX_SLOT;
  }

  static int location(int holder) {
    return (holder - 1) >>> SLOT_BITS;
  }

  static boolean isBits(int set) {
    return set < 0 && RowPool.size(set) >= MIN_BITS_SIZE;
  }

  boolean contains(int set, int holder) {
    if (set >= 0) {
      return set == holder;
    }
    int[] row = rows.array(set);
    int start = RowPool.start(set);
    if (!isBits(set)) {
      return indexIn(row, start, RowPool.length(set), holder) >= 0;
    }
    int words = row[start] >>> 16;
    int section = section(row, start, location(holder));
    int word = slot(holder) >>> 5;
    return section >= 0 && word < words && (row[section + 1 + word] & bit(holder)) != 0;
  }

  /** The set with the holder, or {@link #FULL}. */
  int add(int set, int holder) {
    if (set == NONE || set == holder) {
      return holder;
    }
    if (set > 0) {
      int row = rows.take(RowPool.MIN_SIZE);
      if (row == 0) {
        return FULL;
      }
      int[] array = rows.array(row);
      array[RowPool.start(row)] = set;
      array[RowPool.start(row) + 1] = holder;
      return row;
    }
    return isBits(set) ? addBit(set, holder) : addToList(set, holder);
  }

  /** The set without the holder. */
  int remove(int set, int holder) {
    if (set >= 0) {
      return set == holder ? NONE : set;
    }
    if (!contains(set, holder)) {
      return set;
    }
    int[] row = rows.array(set);
    int start = RowPool.start(set);
    if (isBits(set)) {
      row[section(row, start, location(holder)) + 1 + (slot(holder) >>> 5)] &= ~bit(holder);
      return shrinkBits(set);
    }
    int length = RowPool.length(set);
    int last = start + size(row, start, length) - 1;
    row[indexIn(row, start, length, holder)] = row[last];
    row[last] = 0;
    return shrinkList(set, last - start);
  }

  /** The set without whatever a slot holds. */
  int removeSlot(int set, int slot) {
    if (set >= 0) {
      return set != NONE && slot(set) == slot ? NONE : set;
    }
    int left = set;
    if (isBits(set)) {
      int[] row = rows.array(set);
      int start = RowPool.start(set);
      int words = row[start] >>> 16;
      int sections = row[start] & 0xffff;
      if (slot >>> 5 >= words) {
        return set;
      }
      boolean isChanged = false;
      for (int i = 0; i < sections; i++) {
        int at = start + 1 + i * (words + 1) + 1 + (slot >>> 5);
        isChanged |= (row[at] >>> slot & 1) != 0;
        row[at] &= ~(1 << slot);
      }
      return isChanged ? shrinkBits(set) : set;
    }
    int[] listed = new int[MAX_LISTED];
    int count = list(set, listed);
    for (int i = 0; i < count; i++) {
      if (slot(listed[i]) == slot) {
        left = remove(left, listed[i]);
      }
    }
    return left;
  }

  /** In how many locations a slot is. */
  int count(int set, int slot) {
    if (set >= 0) {
      return set != NONE && slot(set) == slot ? 1 : 0;
    }
    int[] row = rows.array(set);
    int start = RowPool.start(set);
    int count = 0;
    if (!isBits(set)) {
      for (int i = start; i < start + RowPool.length(set) && row[i] != 0; i++) {
        count += slot(row[i]) == slot ? 1 : 0;
      }
      return count;
    }
    int words = row[start] >>> 16;
    int sections = row[start] & 0xffff;
    for (int i = 0; slot >>> 5 < words && i < sections; i++) {
      count += row[start + 1 + i * (words + 1) + 1 + (slot >>> 5)] >>> slot & 1;
    }
    return count;
  }

  /** Frees the memory of a set that nothing refers to any more. */
  void free(int set) {
    if (set < 0) {
      rows.give(set);
    }
  }

  /** Reads a set of at most 16 holders that are not kept as bits; returns how many. Any thread. */
  int list(int set, int[] into) {
    if (set >= 0) {
      into[0] = set;
      return set == NONE ? 0 : 1;
    }
    int[] row = rows.array(set);
    int start = RowPool.start(set);
    int length = Math.min(RowPool.length(set), row.length - start);
    int count = 0;
    while (count < length) {
      int holder = row[start + count];
      if (holder <= 0) {
        break;
      }
      into[count++] = holder;
    }
    return count;
  }

  int[] array(int set) {
    return rows.array(set);
  }

  void forEach(int set, IntConsumer visitor) {
    if (!isBits(set)) {
      int[] listed = new int[MAX_LISTED];
      int count = list(set, listed);
      for (int i = 0; i < count; i++) {
        visitor.accept(listed[i]);
      }
      return;
    }
    int[] row = rows.array(set);
    int start = RowPool.start(set);
    int words = row[start] >>> 16;
    int sections = row[start] & 0xffff;
    for (int i = 0; i < sections; i++) {
      int section = start + 1 + i * (words + 1);
      for (int word = 0; word < words; word++) {
        for (int bits = row[section + 1 + word]; bits != 0; bits &= bits - 1) {
          int slot = word << 5 | Integer.numberOfTrailingZeros(bits);
          visitor.accept(holder(slot, row[section] - 1));
        }
      }
    }
  }

  private int addToList(int set, int holder) {
    int[] row = rows.array(set);
    int start = RowPool.start(set);
    int length = RowPool.length(set);
    if (indexIn(row, start, length, holder) >= 0) {
      return set;
    }
    int count = size(row, start, length);
    if (count < length) {
      row[start + count] = holder;
      return set;
    }
    if (RowPool.size(set) == MAX_LIST_SIZE) {
      return toBits(set, holder);
    }
    int larger = rows.take(RowPool.size(set) + 1);
    if (larger == 0) {
      return FULL;
    }
    int[] target = rows.array(larger);
    System.arraycopy(row, start, target, RowPool.start(larger), length);
    target[RowPool.start(larger) + length] = holder;
    rows.give(set);
    return larger;
  }

  private int addBit(int set, int holder) {
    int[] row = rows.array(set);
    int start = RowPool.start(set);
    int words = row[start] >>> 16;
    int section = section(row, start, location(holder));
    int word = slot(holder) >>> 5;
    if (section >= 0 && word < words) {
      row[section + 1 + word] |= bit(holder);
      return set;
    }
    return toBits(set, holder);
  }

  /** Copies a set to a row of bits in which a further holder has room. */
  private int toBits(int set, int holder) {
    int[] most = {slot(holder)};
    var locations = new BitSet();
    locations.set(location(holder));
    forEach(
        set,
        each -> {
          most[0] = Math.max(most[0], slot(each));
          locations.set(location(each));
        });
    int words = (most[0] >>> 5) + 1;
    int sections = locations.cardinality();
    int needed = 1 + sections * (words + 1);
    int size = Math.max(MIN_BITS_SIZE, 32 - Integer.numberOfLeadingZeros(needed - 1));
    if (size > RowPool.MAX_SIZE) {
      return FULL;
    }
    int bits = rows.take(size);
    if (bits == 0) {
      return FULL;
    }
    int[] row = rows.array(bits);
    int start = RowPool.start(bits);
    int next = start + 1;
    for (int l = locations.nextSetBit(0); l >= 0; l = locations.nextSetBit(l + 1)) {
      row[next] = l + 1;
      next += words + 1;
    }
    row[start] = words << 16 | sections;
    IntConsumer setBit =
        each -> row[section(row, start, location(each)) + 1 + (slot(each) >>> 5)] |= bit(each);
    forEach(set, setBit);
    setBit.accept(holder);
    free(set);
    return bits;
  }

  private int shrinkList(int set, int left) {
    int[] row = rows.array(set);
    int start = RowPool.start(set);
    if (left == 1) {
      int only = row[start];
      rows.give(set);
      return only;
    }
    if (left > RowPool.length(set) / 4 || RowPool.size(set) == RowPool.MIN_SIZE) {
      return set;
    }
    int smaller = rows.take(RowPool.size(set) - 1);
    if (smaller == 0) {
      return set;
    }
    System.arraycopy(row, start, rows.array(smaller), RowPool.start(smaller), left);
    rows.give(set);
    return smaller;
  }

  private int shrinkBits(int set) {
    int[] row = rows.array(set);
    int start = RowPool.start(set);
    int words = row[start] >>> 16;
    int sections = row[start] & 0xffff;
    int left = 0;
    for (int i = 0; i < sections; i++) {
      int section = start + 1 + i * (words + 1);
      for (int word = 0; word < words; word++) {
        left += Integer.bitCount(row[section + 1 + word]);
      }
    }
    if (left > LISTED_AGAIN) {
      return set;
    }
    int list = left == 0 ? NONE : rows.take(MAX_LIST_SIZE);
    if (left > 0 && list == 0) {
      return set;
    }
    if (left > 0) {
      int[] target = rows.array(list);
      int[] next = {RowPool.start(list)};
      forEach(set, each -> target[next[0]++] = each);
    }
    rows.give(set);
    return left == 1 ? shrinkList(list, 1) : list;
  }

  private static int section(int[] row, int start, int location) {
    int words = row[start] >>> 16;
    int sections = row[start] & 0xffff;
    for (int i = 0, at = start + 1; i < sections; i++, at += words + 1) {
      if (row[at] == location + 1) {
        return at;
      }
    }
    return -1;
  }

  private static int indexIn(int[] row, int start, int length, int holder) {
    for (int i = start; i < start + length; i++) {
      if (row[i] == holder) {
        return i;
      }
    }
    return -1;
  }

  private static int size(int[] row, int start, int length) {
    int size = 0;
    while (size < length && row[start + size] != 0) {
      size++;
    }
    return size;
  }

  private static int bit(int holder) {
    return 1 << slot(holder);
  }
}
