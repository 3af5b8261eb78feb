package ai.llmd.epp.domain.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixCacheIndexMemoryTest {

  private static final int DEFAULT_CAPACITY = 31_250;

  @ParameterizedTest
  @ValueSource(ints = {8, 100, 1_000})
  void needsAtMostFortyBytesForABlockAndItsEndpoint(int endpoints) {
    var index = new PrefixCacheIndex(256L << 20);
    int prompts = 25_000;
    for (int i = 0; i < prompts; i++) {
      index.record(i % endpoints, Chains.ofPrompt(i, 20), 4 * DEFAULT_CAPACITY);
      if (i >= prompts / 2 && i % 500 == 0) {
        assertThat((double) index.bytes() / index.entries()).isLessThanOrEqualTo(40);
      }
    }
    assertThat(index.entries()).isEqualTo(500_000);
    assertThat(bytesOfArrays(index)).isBetween((long) (0.9 * index.bytes()), index.bytes());
  }

  /** Ten million blocks on 500 endpoints; one in ten is held by a second endpoint, too. */
  @Test
  void needsNoMoreForTenMillionBlocks() {
    var index = new PrefixCacheIndex(1L << 30);
    long sets = 0;
    for (int i = 0; i < 10_000; i++) {
      PrefixBlocks blocks = Chains.ofPrompt(i, 1_000);
      index.record(i % 500, blocks, Integer.MAX_VALUE);
      sets += 1_000;
      if (i % 10 == 0) {
        index.record((i + 1) % 500, blocks, Integer.MAX_VALUE);
        sets += 1_000;
      }
    }
    assertThat(index.entries()).isEqualTo(10_000_000);
    assertThat(index.heldBlocks()).isEqualTo(sets);
    assertThat((double) index.bytes() / sets).isLessThanOrEqualTo(40);
    assertThat(bytesOfArrays(index)).isBetween((long) (0.9 * index.bytes()), index.bytes());
  }

  @Test
  void doesNotReserveTheCapacityOfEndpointsThatHoldLittle() {
    var index = new PrefixCacheIndex(256L << 20);
    for (int slot = 0; slot < 1_000; slot++) {
      index.record(slot, Chains.ofPrompt(slot, 4), DEFAULT_CAPACITY);
    }
    assertThat(index.bytes()).isLessThan(2 << 20);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 200})
  void evictsInsteadOfExceedingItsBudget(int endpoints) {
    long budget = 4 << 20;
    var index = new PrefixCacheIndex(budget);
    for (int i = 0; i < 25_000; i++) {
      index.record(i % endpoints, Chains.ofPrompt(i, 20), Integer.MAX_VALUE);
      assertThat(index.bytes()).isLessThanOrEqualTo(budget);
    }
    assertThat(bytesOfArrays(index)).isLessThanOrEqualTo(budget);
    assertThat(index.entries()).isGreaterThan(budget / 40);
    int[] matched = new int[endpoints];
    for (int i = 24_900; i < 25_000; i++) {
      index.match(Chains.ofPrompt(i, 20), matched);
    }
    int found = 0;
    for (int count : matched) {
      found += count;
    }
    assertThat(found).as("of the last 100 prompts' 2000 blocks").isGreaterThan(1_900);
  }

  @Test
  void makesRoomForANewcomerWhenTheBudgetIsSpent() {
    var index = new PrefixCacheIndex(1 << 20);
    for (int i = 0; i < 5_000; i++) {
      index.record(0, Chains.ofPrompt(i, 20), Integer.MAX_VALUE);
    }
    index.record(1, Chains.ofPrompt(-1, 500), DEFAULT_CAPACITY);
    assertThat(index.blocksOf(1).length).isGreaterThan(490);
  }

  /** Many endpoints share blocks first, then none do: rows and cells compete for the budget. */
  @Test
  void survivesAChangeOfHabitsWithinItsBudget() {
    long budget = 2 << 20;
    var index = new PrefixCacheIndex(budget);
    var random = new Random(5);
    for (int phase = 0; phase < 6; phase++) {
      for (int i = 0; i < 4_000; i++) {
        boolean isShared = phase % 2 == 0;
        long prompt = isShared ? random.nextInt(200) : random.nextLong();
        index.record(random.nextInt(500), Chains.ofPrompt(prompt, 10), DEFAULT_CAPACITY);
        assertThat(index.bytes()).isLessThanOrEqualTo(budget);
      }
      assertThat(index.heldBlocks()).isGreaterThan(10_000);
    }
    assertThat(bytesOfArrays(index)).isLessThanOrEqualTo(budget);
    for (int slot = 0; slot < 500; slot++) {
      index.forget(slot);
    }
    assertThat(index.entries()).isZero();
  }

  @Test
  void givesQueuesBackWhenEndpointsGo() {
    var index = new PrefixCacheIndex(64L << 20);
    index.record(0, Chains.ofPrompt(0, 10_000), DEFAULT_CAPACITY);
    index.forget(0);
    long emptied = index.bytes();
    for (int i = 1; i < 50; i++) {
      index.record(i, Chains.ofPrompt(i, 10_000), DEFAULT_CAPACITY);
      index.forget(i);
    }
    // tables stay as large as they once were; ten thousand new keys fall differently into 256
    // tables
    assertThat(index.bytes()).isLessThan(2 * emptied);
  }

  @Test
  void matchesWithoutAllocating() {
    var index = new PrefixCacheIndex(64L << 20);
    PrefixBlocks blocks = Chains.ofPrompt(1, 2_048);
    for (int slot = 0; slot < 20; slot++) {
      index.record(slot, blocks, DEFAULT_CAPACITY);
      index.record(slot, Chains.ofPrompt(slot + 2, 100), DEFAULT_CAPACITY);
    }
    int[] matched = new int[20];
    for (int i = 0; i < 2_000; i++) { // compiled by now
      index.match(blocks, matched);
    }
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 100; i++) {
      index.match(blocks, matched);
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
  }

  /** What the index really keeps in long[] and in their headers, found by looking. */
  private static long bytesOfArrays(PrefixCacheIndex index) {
    return bytes(index, Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  private static long bytes(Object object, Set<Object> seen) {
    if (!seen.add(object)) {
      return 0;
    }
    if (object instanceof long[] longs) {
      return 16 + 8L * longs.length;
    }
    long bytes = 0;
    if (object instanceof Object[] array) {
      for (int i = 0; i < array.length; i++) {
        Object element = Array.get(array, i);
        bytes += element == null ? 0 : bytes(element, seen);
      }
      return bytes;
    }
    if (!object.getClass().getPackageName().startsWith("ai.llmd")) {
      return 0;
    }
    for (Field field : object.getClass().getDeclaredFields()) {
      if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
        bytes += bytesOf(field, object, seen);
      }
    }
    return bytes;
  }

  private static long bytesOf(Field field, Object object, Set<Object> seen) {
    try {
      field.setAccessible(true);
      Object value = field.get(object);
      if (field.getName().equals("next")) { // a long list: not by recursion
        return 0;
      }
      if (field.getName().equals("head")) {
        return bytesOfList(value, seen);
      }
      return value == null ? 0 : bytes(value, seen);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  private static long bytesOfList(Object head, Set<Object> seen)
      throws ReflectiveOperationException {
    long bytes = 0;
    for (Object chunk = head; chunk != null; ) {
      bytes += bytes(chunk, seen);
      Field next = chunk.getClass().getDeclaredField("next");
      next.setAccessible(true);
      chunk = next.get(chunk);
    }
    return bytes;
  }
}
