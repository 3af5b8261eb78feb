package ai.llmd.epp.replication;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.replication.Outbox.Parcel;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OutboxTest {

  private static final int PLENTY = 1 << 30;
  private static final int BOUND = 128 << 10;

  private final AtomicInteger calls = new AtomicInteger();
  private final Outbox outbox = new Outbox(1, BOUND, () -> 5, calls::incrementAndGet);

  private void say(int bytes) {
    long[] hashes = new long[bytes / Long.BYTES];
    outbox.say(
        out -> {
          for (long ignored : hashes) {
            out.progress(1, 1); // 17 bytes
          }
        });
  }

  private Parcel send() {
    Parcel parcel = outbox.next(PLENTY);
    outbox.sent(parcel);
    return parcel;
  }

  private static List<Long> numbers(Parcel parcel) {
    return parcel.batches().stream().map(batch -> ByteBuffer.wrap(batch).getLong(10)).toList();
  }

  @Test
  void gathersWhatIsSaidInOneBatchAndCallsOnce() {
    outbox.say(BatchWriter::snapshotWanted);
    outbox.say(BatchWriter::snapshotReady);

    assertThat(calls).hasValue(1);
    assertThat(numbers(send())).containsExactly(1L);
    assertThat(outbox.next(PLENTY).isEmpty()).isTrue();

    outbox.say(BatchWriter::snapshotWanted);
    assertThat(calls).hasValue(2);
    assertThat(numbers(send())).containsExactly(2L);
  }

  @Test
  void closesABatchThatIsLarge() {
    for (int i = 0; i < 40; i++) {
      say(1_024);
    }
    assertThat(outbox.next(PLENTY).batches()).hasSizeGreaterThan(2);
  }

  @Test
  void offersAgainWhatWasNotSent() {
    outbox.say(BatchWriter::snapshotWanted);
    assertThat(numbers(outbox.next(PLENTY))).containsExactly(1L);
    outbox.say(BatchWriter::snapshotWanted);
    assertThat(numbers(outbox.next(PLENTY))).containsExactly(1L, 2L);
  }

  @Test
  void takesNoMoreThanAskedForButOneBatchAtLeast() {
    outbox.sayWholeLoad(out -> {}, false);
    outbox.sayWholeLoad(out -> {}, false);
    Parcel first = outbox.next(1);
    assertThat(numbers(first)).containsExactly(1L);
    outbox.sent(first);
    assertThat(numbers(send())).containsExactly(2L);
  }

  @Test
  void saysAgainWhatWasMissedBeforeWhatIsNew() {
    for (int i = 0; i < 5; i++) {
      outbox.sayWholeLoad(out -> {}, false);
    }
    send();
    outbox.sayWholeLoad(out -> {}, false);

    assertThat(outbox.sayAgain(2, 3)).isTrue();
    assertThat(outbox.sayAgain(3, 3)).isTrue();
    assertThat(numbers(send())).containsExactly(2L, 3L, 6L);
    assertThat(outbox.next(PLENTY).isEmpty()).isTrue();
  }

  @Test
  void dropsTheOldestBeyondItsBoundAndCountsWhatTheStoreNeverHad() {
    outbox.sayWholeLoad(out -> {}, false);
    send();
    while (outbox.dropped() < 3) {
      say(4_096);
    }
    assertThat(outbox.backlogBytes()).isBetween(BOUND / 2L, BOUND + 2L * Outbox.BATCH_BYTES);
    assertThat(numbers(send()).getFirst()).isEqualTo(5); // 1 was sent, 2 to 4 were dropped
    assertThat(outbox.sayAgain(1, 2)).as("what is gone cannot be said again").isFalse();
  }

  @Test
  void keepsWhatTheStoreHasForAsLongAsItMayBeAskedFor() {
    for (int i = 0; i < 1_000; i++) {
      outbox.sayWholeLoad(out -> {}, false);
    }
    send();
    assertThat(outbox.sayAgain(488, 489)).as("longer ago than 512 batches").isFalse();
    assertThat(outbox.sayAgain(489, 490)).isTrue();
    assertThat(numbers(send())).containsExactly(489L, 490L);
  }

  @Test
  void leavesALongStretchToASnapshot() {
    for (int i = 0; i < 1_000; i++) {
      outbox.sayWholeLoad(out -> {}, false);
    }
    send();
    assertThat(outbox.sayAgain(1, 900)).isFalse();
    assertThat(outbox.next(PLENTY).isEmpty()).isTrue();
  }
}
