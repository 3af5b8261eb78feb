package ai.llmd.epp.replication.receive;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.replication.receive.WriterProgress.Gap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class WriterProgressTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final WriterProgress progress = new WriterProgress();

  @Test
  void acceptsEachNumberOnce() {
    assertThat(progress.accept(1, 1, 0)).isTrue();
    assertThat(progress.accept(1, 1, 0)).isFalse();
    assertThat(progress.accept(1, 4, 0)).isTrue();
    assertThat(progress.accept(1, 3, 0)).isTrue();
    assertThat(progress.accept(1, 3, 0)).isFalse();
    assertThat(progress.accept(2, 1, 0)).isTrue();
    assertThat(progress.receivedUpTo()).containsEntry(1L, 1L).containsEntry(2L, 1L);
  }

  @Test
  void requestsAGapAfterAWhileAndAgainAndGivesUpAtLast() {
    progress.accept(1, 5, 0);
    assertThat(progress.dueForRequest(0)).isEmpty();
    assertThat(progress.dueForRequest(SECOND)).containsExactly(new Gap(1, 1, 4, 0));
    assertThat(progress.dueForRequest(SECOND)).isEmpty();
    for (int i = 1; i < 6; i++) {
      assertThat(progress.dueForRequest((1 + 2L * i) * SECOND))
          .containsExactly(new Gap(1, 1, 4, i));
    }
    assertThat(progress.dueForRequest(100 * SECOND)).isEmpty();
    assertThat(progress.hasGaps()).isFalse();
    assertThat(progress.lostBatches()).isEqualTo(4);
  }

  @Test
  void countsWhatASnapshotCovers() {
    progress.accept(1, 10, 0);
    progress.coveredBySnapshot(1, 6);
    assertThat(progress.dueForRequest(SECOND)).containsExactly(new Gap(1, 7, 9, 0));
    progress.coveredBySnapshot(1, 20);
    assertThat(progress.hasGaps()).isFalse();
    assertThat(progress.accept(1, 15, 0)).isFalse();
    assertThat(progress.receivedUpTo()).containsEntry(1L, 20L);
  }

  @RepeatedTest(200)
  void hasNoGapOnceEverythingWasReceivedInWhateverOrder(RepetitionInfo round) {
    var random = new Random(round.getCurrentRepetition());
    List<Long> numbers = new ArrayList<>();
    for (long i = 1; i <= 200; i++) {
      numbers.add(i);
    }
    Collections.shuffle(numbers, random);
    for (long number : numbers) {
      assertThat(progress.accept(7, number, 0)).isTrue();
      assertThat(progress.accept(7, number, 0)).isFalse();
    }
    assertThat(progress.hasGaps()).isFalse();
    assertThat(progress.receivedUpTo()).containsEntry(7L, 200L);
  }

  @Test
  void remembersABoundedNumberOfWriters() {
    for (long writer = 1; writer <= 10_000; writer++) {
      progress.accept(writer, 1, writer);
    }
    assertThat(progress.receivedUpTo())
        .hasSizeLessThan(5_000)
        .containsKey(10_000L)
        .doesNotContainKey(1L);
  }
}
