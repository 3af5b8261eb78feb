package ai.llmd.epp.application.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PrefixRecorderTest {

  private static final int PLENTY = 1_000;

  private final PrefixCacheIndex index = new PrefixCacheIndex(1 << 20);
  private final PrefixCacheIndex other = new PrefixCacheIndex(1 << 20);
  private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
  private final PrefixRecorder recorder = new PrefixRecorder(10, failures::add);

  @AfterEach
  void close() {
    recorder.close();
  }

  @Test
  void recordsAndForgetsInOrderForSeveralIndexes() throws InterruptedException {
    recorder.start();
    var released = new AtomicInteger();
    recorder.record(index, 1, blocks(1, 2), PLENTY, () -> true);
    recorder.record(other, 2, blocks(3), PLENTY, () -> true);
    recorder.record(index, 2, blocks(5), PLENTY, () -> true);
    recorder.forget(index, 1, released::incrementAndGet);
    Recorders.drain(recorder);
    assertThat(index.blocksOf(1).length).isZero();
    assertThat(index.blocksOf(2).length).isEqualTo(1);
    assertThat(other.blocksOf(2).length).isEqualTo(1);
    assertThat(released).hasValue(1);
  }

  @Test
  void hasRecordedWhenTheCallReturns() {
    recorder.start();
    recorder.record(index, 1, blocks(1), PLENTY, () -> true);
    assertThat(index.blocksOf(1).length).isEqualTo(1);
  }

  @Test
  void recordsBehindLongWorkWithoutMakingTheCallerWait() throws InterruptedException {
    recorder.start();
    var isRunning = new CountDownLatch(1);
    var mayEnd = new CountDownLatch(1);
    recorder.run(
        () -> {
          isRunning.countDown();
          awaitUnchecked(mayEnd);
        });
    isRunning.await();
    recorder.forget(index, 1, () -> {});
    recorder.record(index, 1, blocks(1, 2), PLENTY, () -> true);
    assertThat(index.blocksOf(1).length).isZero();
    assertThat(recorder.waitingBlocks()).isEqualTo(2);
    mayEnd.countDown();
    Recorders.drain(recorder);
    assertThat(index.blocksOf(1).length).isEqualTo(2);
  }

  @Test
  void doesLongWorkOnAThreadOfItsOwn() throws InterruptedException {
    recorder.start();
    Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    recorder.run(() -> threads.add(Thread.currentThread()));
    recorder.record(index, 1, blocks(1), PLENTY, () -> true);
    Recorders.drain(recorder);
    assertThat(threads).hasSize(1).doesNotContain(Thread.currentThread());
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void dropsRecordsButNeverAForgetWhenTooMuchWaits() throws InterruptedException {
    var released = new AtomicInteger();
    for (int i = 0; i < 7; i++) { // not started yet: everything waits
      recorder.record(index, i, blocks(1, 2, 3), PLENTY, () -> true);
      recorder.forget(other, i, released::incrementAndGet);
    }
    assertThat(recorder.dropped()).isEqualTo(4);
    assertThat(recorder.waitingBlocks()).isEqualTo(9);
    recorder.start();
    Recorders.drain(recorder);
    assertThat(index.heldBlocks()).isEqualTo(9);
    assertThat(released).hasValue(7);
    assertThat(recorder.waitingBlocks()).isZero();
  }

  @Test
  void asksJustBeforeWhetherTheRecordIsStillWanted() throws InterruptedException {
    var isMember = new AtomicBoolean(true);
    recorder.record(index, 1, blocks(1), PLENTY, isMember::get);
    isMember.set(false);
    recorder.start();
    Recorders.drain(recorder);
    assertThat(index.blocksOf(1).length).isZero();
  }

  @Test
  void goesOnAfterAFailureAndReleasesNevertheless() throws InterruptedException {
    var released = new AtomicInteger();
    recorder.start();
    recorder.record(index, -1, blocks(1), PLENTY, () -> true);
    recorder.forget(index, -1, released::incrementAndGet);
    recorder.record(index, 1, blocks(1), PLENTY, () -> true);
    Recorders.drain(recorder);
    assertThat(index.blocksOf(1).length).isEqualTo(1);
    assertThat(released).hasValue(1);
    assertThat(failures).isNotEmpty();
  }

  @Test
  void doesWhatWasHandedOverBeforeItCloses() {
    recorder.start();
    recorder.record(index, 1, blocks(1, 2), PLENTY, () -> true);
    recorder.close();
    assertThat(index.blocksOf(1).length).isEqualTo(2);
    var released = new AtomicInteger();
    recorder.forget(index, 1, released::incrementAndGet);
    recorder.record(index, 2, blocks(1), PLENTY, () -> true);
    assertThat(released).hasValue(1);
    assertThat(recorder.dropped()).isEqualTo(1);
  }

  @Test
  void releasesWhatWaitedWhenItNeverStarted() {
    var released = new AtomicInteger();
    recorder.forget(index, 1, released::incrementAndGet);
    recorder.close();
    recorder.close();
    assertThat(released).hasValue(1);
  }

  @Test
  void takesFromManyThreads() throws Exception {
    try (var large = new PrefixRecorder(1 << 20, failures::add);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      large.start();
      var together = new CountDownLatch(4);
      List<Future<?>> done = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int slot = t;
        done.add(
            threads.submit(
                () -> {
                  together.countDown();
                  together.await();
                  for (int i = 1; i <= 500; i++) {
                    large.record(index, slot, blocks(i), PLENTY, () -> true);
                  }
                  return null;
                }));
      }
      for (Future<?> future : done) {
        future.get();
      }
      Recorders.drain(large);
      assertThat(index.heldBlocks()).isEqualTo(2_000);
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void refusesToHoldNothing() {
    assertThatThrownBy(() -> new PrefixRecorder(0, failures::add))
        .hasMessageContaining("maxWaitingBlocks");
  }

  private static PrefixBlocks blocks(long... hashes) {
    return new PrefixBlocks(hashes, new int[] {hashes.length}, 64);
  }
}
