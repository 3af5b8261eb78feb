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

  private final WriterProgress progress = new WriterProgress(3 * SECOND);

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
  void doesNotBelieveASingleNumberFarAhead() {
    progress.accept(1, 7, 0);
    assertThat(progress.accept(1, Long.MAX_VALUE, 0)).isFalse();
    assertThat(progress.accept(1, 1_000_000, 0)).isFalse();
    assertThat(progress.accept(1, 8, 0)).isTrue();
    assertThat(progress.accept(1, 9, 0)).isTrue();
    assertThat(progress.receivedUpTo()).containsEntry(1L, 0L);
    assertThat(progress.dueForRequest(SECOND)).containsExactly(new Gap(1, 1, 6, 0));
  }

  @Test
  void asksForASnapshotBehindAJumpThatTheWriterGoesOnFrom() {
    progress.accept(1, 1, 0);
    assertThat(progress.accept(1, 1_000_000, 0)).isFalse();
    assertThat(progress.accept(1, 1_000_001, 0)).isTrue();
    assertThat(progress.dueForRequest(SECOND))
        .containsExactly(new Gap(1, 2, 1_000_000, WriterProgress.MAX_RETRANSMISSION_REQUESTS));
    progress.coveredBySnapshot(1, 1_000_000);
    assertThat(progress.hasGaps()).isFalse();
  }

  @Test
  void believesTheFirstNumberOfAWriterAndAsksForASnapshotOfWhatWasBefore() {
    assertThat(progress.accept(1, 1_000_000, 0)).isTrue();
    assertThat(progress.dueForRequest(SECOND))
        .containsExactly(new Gap(1, 1, 999_999, WriterProgress.MAX_RETRANSMISSION_REQUESTS));
  }

  @Test
  void hearsAWriterAgainThatWasSilencedByForgedNumbers() {
    progress.accept(1, 1, 0);
    progress.accept(1, Long.MAX_VALUE - 1, 0);
    assertThat(progress.accept(1, Long.MAX_VALUE, 0)).isTrue();

    // a gap is filled by what is genuine, and is given up after a while
    for (int round = 0; round < 10; round++) {
      progress.dueForRequest(2L * round * SECOND);
    }
    long lost = progress.lostBatches();
    assertThat(lost).isBetween(1L, 65_536L);
    assertThat(progress.accept(1, 20, 20 * SECOND)).isFalse();
    assertThat(progress.accept(1, 21, 22 * SECOND)).isFalse();
    assertThat(progress.accept(1, 22, 24 * SECOND)).isTrue();
    assertThat(progress.hasBegunAnew()).isTrue();
    assertThat(progress.hasGaps()).isTrue();
    assertThat(progress.accept(1, 23, 24 * SECOND)).isTrue();
    assertThat(progress.hasBegunAnew()).isFalse();
    assertThat(progress.dueForRequest(25 * SECOND))
        .containsExactly(new Gap(1, 21, 21, WriterProgress.MAX_RETRANSMISSION_REQUESTS));
  }

  @Test
  void hearsAWriterAgainThatASnapshotSilenced() {
    progress.accept(1, 1, 0);
    progress.coveredBySnapshot(1, Long.MAX_VALUE);
    assertThat(progress.accept(1, 2, 0)).isFalse();
    assertThat(progress.accept(1, 3, 2 * SECOND)).isFalse();
    assertThat(progress.accept(1, 4, 4 * SECOND)).isTrue();
    assertThat(progress.accept(1, 5, 4 * SECOND)).isTrue();
  }

  @Test
  void duplicatesOfAWriterThatGoesOnAreNoReasonToBeginAnew() {
    for (int round = 1; round < 20; round++) {
      assertThat(progress.accept(1, round, round * SECOND)).isTrue();
      assertThat(progress.accept(1, 1, round * SECOND)).isFalse();
      assertThat(progress.hasBegunAnew()).isFalse();
    }
  }

  @Test
  void addsUpWhatIsLostWithinReason() {
    progress.accept(1, Long.MAX_VALUE, 0);
    progress.accept(2, Long.MAX_VALUE, 0);
    progress.abandonGaps();
    assertThat(progress.lostBatches()).isEqualTo(2 * 65_536L);
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
