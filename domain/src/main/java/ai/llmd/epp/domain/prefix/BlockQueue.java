package ai.llmd.epp.domain.prefix;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that one endpoint holds, in order of arrival: a queue of linked chunks, so that it is
 * never copied, never larger than needed by more than two chunks, and gives memory back. One thread
 * writes; any may read the size.
 */
final class BlockQueue {

  /** Blocks of one chunk: 1 KiB, little enough for a thousand endpoints that hold one block. */
  static final int CHUNK_BLOCKS = 128;

  /** A chunk, its object and its array. */
  static final long CHUNK_BYTES = 24 + ByteBudget.ofLongs(CHUNK_BLOCKS);

  private static final class Chunk {
    final long[] blocks = new long[CHUNK_BLOCKS];
    @Nullable Chunk next;
  }

  private final int capacity;
  private final ByteBudget budget;
  private final AtomicInteger size = new AtomicInteger();
  private @Nullable Chunk head;
  private @Nullable Chunk tail;
  private int headAt;
  private int tailAt;

  BlockQueue(int capacity, ByteBudget budget) {
    this.capacity = capacity;
    this.budget = budget;
  }

  int capacity() {
    return capacity;
  }

  int size() {
    return size.getAcquire();
  }

  boolean isEmpty() {
    return size.getPlain() == 0;
  }

  /** Makes sure that one more block can be pushed; false when the budget forbids it. */
  boolean reserve() {
    if (tail != null && tailAt < CHUNK_BLOCKS) {
      return true;
    }
    if (!budget.take(CHUNK_BYTES)) {
      return false;
    }
    var chunk = new Chunk();
    if (tail == null) {
      head = chunk;
      headAt = 0;
    } else {
      tail.next = chunk;
    }
    tail = chunk;
    tailAt = 0;
    return true;
  }

  /** Appends a block, after {@link #reserve()} returned true. */
  void push(long block) {
    Chunk chunk = tail;
    if (chunk == null || tailAt == CHUNK_BLOCKS) {
      throw new IllegalStateException("no room was reserved");
    }
    chunk.blocks[tailAt++] = block;
    size.setRelease(size.getPlain() + 1);
  }

  /** Takes the oldest block out of a queue that is not empty. */
  long pop() {
    Chunk chunk = head;
    if (chunk == null || isEmpty()) {
      throw new IllegalStateException("the queue is empty");
    }
    long block = chunk.blocks[headAt++];
    size.setRelease(size.getPlain() - 1);
    if (headAt == CHUNK_BLOCKS || isEmpty()) {
      dropHead(chunk);
    }
    return block;
  }

  /** Every block, the newest first. */
  long[] newestFirst() {
    long[] all = new long[size()];
    int left = all.length;
    int at = headAt;
    for (Chunk chunk = head; chunk != null && left > 0; chunk = chunk.next) {
      int end = chunk == tail ? tailAt : CHUNK_BLOCKS;
      while (at < end) {
        all[--left] = chunk.blocks[at++];
      }
      at = 0;
    }
    return all;
  }

  /**
   * Removes blocks wherever they are; the order of the others stays.
   *
   * @param gone in ascending order up to the count
   */
  void remove(long[] gone, int count) {
    int left = size();
    int kept = 0;
    Chunk from = head;
    int at = headAt;
    Chunk to = head;
    int toAt = headAt;
    for (; from != null && left > 0; left--) {
      long block = from.blocks[at++];
      if (Arrays.binarySearch(gone, 0, count, block) < 0 && to != null) {
        if (toAt == CHUNK_BLOCKS) {
          to = to.next;
          toAt = 0;
        }
        if (to != null) {
          to.blocks[toAt++] = block;
          kept++;
        }
      }
      if (at == CHUNK_BLOCKS) {
        from = from.next;
        at = 0;
      }
    }
    size.setRelease(kept);
    if (kept == 0) {
      discard();
    } else if (to != null) {
      cutBehind(to, toAt);
    }
  }

  private void cutBehind(Chunk last, int end) {
    for (Chunk chunk = last.next; chunk != null; chunk = chunk.next) {
      budget.give(CHUNK_BYTES);
    }
    last.next = null;
    tail = last;
    tailAt = end;
  }

  /** Gives back the memory of a queue that is empty and of no further use. */
  void discard() {
    for (Chunk chunk = head; chunk != null; chunk = chunk.next) {
      budget.give(CHUNK_BYTES);
    }
    head = null;
    tail = null;
  }

  private void dropHead(Chunk chunk) {
    budget.give(CHUNK_BYTES);
    head = chunk.next;
    headAt = 0;
    if (head == null) {
      tail = null;
    }
  }
}
