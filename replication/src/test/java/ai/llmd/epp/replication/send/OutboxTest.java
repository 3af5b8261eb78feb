package ai.llmd.epp.replication.send;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.replication.batch.BatchWriter;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OutboxTest {

  private static final int PLENTY = 1 << 30;
  private static final int BOUND = 128 << 10;

  private final AtomicInteger wakes = new AtomicInteger();
  private final Outbox outbox = new Outbox(1, BOUND, () -> 5, wakes::incrementAndGet);

  private void add(int bytes) {
    long[] hashes = new long[bytes / Long.BYTES];
    outbox.add(
        out -> {
          for (long ignored : hashes) {
            out.progress(1, 1); // 17 bytes
          }
        });
  }

  private SendBatch send() {
    SendBatch sent = outbox.next(PLENTY);
    outbox.markSent(sent);
    return sent;
  }

  private static List<Long> sequences(SendBatch sent) {
    return sent.batches().stream().map(batch -> ByteBuffer.wrap(batch).getLong(10)).toList();
  }

  @Test
  void collectsEntriesInOneBatchAndWakesTheSenderOnce() {
    outbox.add(BatchWriter::snapshotRequest);
    outbox.add(BatchWriter::snapshotAvailable);

    assertThat(wakes).hasValue(1);
    assertThat(sequences(send())).containsExactly(1L);
    assertThat(outbox.next(PLENTY).isEmpty()).isTrue();

    outbox.add(BatchWriter::snapshotRequest);
    assertThat(wakes).hasValue(2);
    assertThat(sequences(send())).containsExactly(2L);
  }

  @Test
  void sealsABatchThatIsLarge() {
    for (int i = 0; i < 40; i++) {
      add(1_024);
    }
    assertThat(outbox.next(PLENTY).batches()).hasSizeGreaterThan(2);
  }

  @Test
  void offersAgainWhatWasNotSent() {
    outbox.add(BatchWriter::snapshotRequest);
    assertThat(sequences(outbox.next(PLENTY))).containsExactly(1L);
    outbox.add(BatchWriter::snapshotRequest);
    assertThat(sequences(outbox.next(PLENTY))).containsExactly(1L, 2L);
  }

  @Test
  void takesNoMoreThanAskedForButOneBatchAtLeast() {
    outbox.addWholeLoad(out -> {}, false);
    outbox.addWholeLoad(out -> {}, false);
    SendBatch first = outbox.next(1);
    assertThat(sequences(first)).containsExactly(1L);
    outbox.markSent(first);
    assertThat(sequences(send())).containsExactly(2L);
  }

  @Test
  void retransmitsWhatWasMissedBeforeWhatIsNew() {
    for (int i = 0; i < 5; i++) {
      outbox.addWholeLoad(out -> {}, false);
    }
    send();
    outbox.addWholeLoad(out -> {}, false);

    assertThat(outbox.retransmit(2, 3)).isTrue();
    assertThat(outbox.retransmit(3, 3)).isTrue();
    assertThat(sequences(send())).containsExactly(2L, 3L, 6L);
    assertThat(outbox.next(PLENTY).isEmpty()).isTrue();
  }

  @Test
  void dropsTheOldestBeyondItsBoundAndCountsWhatTheStoreNeverHad() {
    outbox.addWholeLoad(out -> {}, false);
    send();
    while (outbox.dropped() < 3) {
      add(4_096);
    }
    assertThat(outbox.backlogBytes()).isBetween(BOUND / 2L, BOUND + 2L * Outbox.BATCH_BYTES);
    assertThat(sequences(send()).getFirst()).isEqualTo(5); // 1 was sent, 2 to 4 were dropped
    assertThat(outbox.retransmit(1, 2)).as("what is gone cannot be retransmitted").isFalse();
  }

  @Test
  void keepsWhatTheStoreHasForAsLongAsItMayBeRequested() {
    for (int i = 0; i < 1_000; i++) {
      outbox.addWholeLoad(out -> {}, false);
    }
    send();
    assertThat(outbox.retransmit(488, 489)).as("longer ago than 512 batches").isFalse();
    assertThat(outbox.retransmit(489, 490)).isTrue();
    assertThat(sequences(send())).containsExactly(489L, 490L);
  }

  @Test
  void leavesALongGapToASnapshot() {
    for (int i = 0; i < 1_000; i++) {
      outbox.addWholeLoad(out -> {}, false);
    }
    send();
    assertThat(outbox.retransmit(1, 900)).isFalse();
    assertThat(outbox.next(PLENTY).isEmpty()).isTrue();
  }
}
