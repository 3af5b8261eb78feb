package ai.llmd.epp.application.producer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.concurrency.Threads;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class PrefixRecorderRaceTest {

  private static final int PLENTY = 1_000;
  private static final int ACTORS = 3;
  private static final int RECORDS = 8;

  private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();

  @Test
  void everyReleaseHappensOnceAlsoWhenItRacesWithTheEnd() throws Exception {
    var index = new PrefixCacheIndex(1 << 20, 7);
    Threads.repeat(
        threads -> {
          var recorder = new PrefixRecorder(PLENTY, failures::add);
          recorder.start();
          var released = new AtomicIntegerArray(ACTORS);
          List<Runnable> actors = new ArrayList<>(List.of(recorder::close));
          for (int i = 0; i < ACTORS; i++) {
            int slot = i;
            actors.add(() -> recorder.forget(index, slot, () -> released.incrementAndGet(slot)));
          }
          threads.together(actors);
          recorder.close(); // a caller may have left its work to the other one
          assertThat(released).hasToString("[1, 1, 1]");
          assertThat(failures).isEmpty();
        });
  }

  @Test
  void recordsOfManyThreadsWithForgettingBetweenThemComeToTheirOrder() throws Exception {
    Threads.repeat(
        threads -> {
          var index = new PrefixCacheIndex(1 << 20, 7);
          try (var recorder = new PrefixRecorder(PLENTY, failures::add)) {
            recorder.start();
            List<Runnable> actors = new ArrayList<>();
            for (int i = 0; i < ACTORS; i++) {
              int slot = i;
              actors.add(
                  () -> {
                    PrefixBlocks before = new PrefixBlocks(new long[] {1, 2}, new int[] {2}, 64);
                    PrefixBlocks after = new PrefixBlocks(new long[] {3}, new int[] {1}, 64);
                    recorder.record(index, slot, before, PLENTY, () -> true);
                    recorder.forget(index, slot, () -> {});
                    recorder.record(index, slot, after, PLENTY, () -> true);
                  });
            }
            threads.together(actors);
          }
          for (int slot = 0; slot < ACTORS; slot++) {
            assertThat(index.blocksOf(slot)).containsExactly(3);
          }
          assertThat(failures).isEmpty();
        });
  }

  @Test
  void everyBlockIsRecordedOnceOrCountedAsDropped() throws Exception {
    int bound = 2 * RECORDS;
    Threads.repeat(
        threads -> {
          var index = new PrefixCacheIndex(1 << 20, 7);
          var recorder = new PrefixRecorder(bound, failures::add);
          recorder.start();
          var recorded = new AtomicInteger();
          var most = new AtomicInteger();
          List<Runnable> actors = new ArrayList<>(List.of(recorder::close));
          for (int i = 0; i < ACTORS; i++) {
            int slot = i;
            actors.add(
                () -> {
                  for (int hash = 1; hash <= RECORDS; hash++) {
                    PrefixBlocks blocks = new PrefixBlocks(new long[] {hash}, new int[] {1}, 64);
                    recorder.record(
                        index, slot, blocks, PLENTY, () -> true, l -> recorded.addAndGet(l.length));
                    most.accumulateAndGet(recorder.waitingBlocks(), Math::max);
                  }
                });
          }
          threads.together(actors);
          recorder.close();
          assertThat(recorded.get() + recorder.dropped()).isEqualTo(ACTORS * RECORDS);
          assertThat(index.heldBlocks()).isEqualTo(recorded.get());
          assertThat(recorder.waitingBlocks()).isZero();
          assertThat(most.get()).isLessThanOrEqualTo(bound + ACTORS);
          assertThat(failures).isEmpty();
        });
  }
}
