package ai.llmd.epp.domain.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PrefixCacheIndexConcurrencyTest {

  private static final int SLOTS = 150;
  private static final int PROMPTS = 400;
  private static final int LENGTH = 24;

  @Test
  @Timeout(60)
  void readersAlwaysComeToAnEndAndNeverCountABlockTwice() throws Exception {
    var index = new PrefixCacheIndex(1 << 20);
    var isWriting = new AtomicBoolean(true);
    try (ExecutorService readers = Executors.newFixedThreadPool(3)) {
      List<Future<Long>> results = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        int seed = i;
        results.add(readers.submit(() -> readUntilDone(index, isWriting, new Random(seed))));
      }
      try {
        churn(index, new Random(9));
      } finally {
        isWriting.set(false);
      }
      long matched = 0;
      for (Future<Long> result : results) {
        matched += result.get(30, TimeUnit.SECONDS);
      }
      assertThat(matched).isPositive();
    }
  }

  @Test
  void readersSeeWhatAnotherThreadRecorded() throws Exception {
    var index = new PrefixCacheIndex(16 << 20);
    Thread writer =
        Thread.ofPlatform().start(() -> index.record(7, Chains.ofPrompt(1, LENGTH), 100));
    writer.join();
    int[] matched = new int[8];
    index.match(Chains.ofPrompt(1, LENGTH), matched);
    assertThat(matched[7]).isEqualTo(LENGTH);
  }

  /** Grows, spills, widens, evicts and forgets all the time. */
  private static void churn(PrefixCacheIndex index, Random random) {
    for (int i = 0; i < 20_000; i++) {
      int slot = random.nextInt(SLOTS);
      if (random.nextInt(50) == 0) {
        index.forget(slot);
      } else {
        boolean isPopular = random.nextInt(3) > 0;
        long prompt = isPopular ? random.nextInt(PROMPTS) : random.nextLong();
        index.record(slot, Chains.ofPrompt(prompt, LENGTH), 1 + random.nextInt(2_000));
      }
    }
  }

  private static long readUntilDone(
      PrefixCacheIndex index, AtomicBoolean isWriting, Random random) {
    long total = 0;
    while (isWriting.get()) {
      int[] matched = new int[SLOTS];
      index.match(Chains.ofPrompt(random.nextInt(PROMPTS), LENGTH), matched);
      assertThat(Arrays.stream(matched).allMatch(count -> count >= 0 && count <= LENGTH)).isTrue();
      total += Arrays.stream(matched).sum();
      assertThat(index.bytes()).isLessThanOrEqualTo(1 << 20);
      assertThat(index.entries()).isNotNegative();
      assertThat(index.heldBlocks()).isBetween(0L, 2_000L * SLOTS);
    }
    return total;
  }
}
