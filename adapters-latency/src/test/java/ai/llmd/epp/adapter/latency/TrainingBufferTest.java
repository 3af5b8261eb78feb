package ai.llmd.epp.adapter.latency;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.latency.LatencyRow;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TrainingBufferTest {

  private static final LatencyRow ROW = new LatencyRow(0, 1, 0, 0, 1, 0, 0, 0, "", 0);

  private static void add(TrainingBuffer buffer, int count, double ttft, double tpot) {
    for (int i = 0; i < count; i++) {
      buffer.add(new TrainingRow(ROW, ttft, tpot, Instant.EPOCH));
    }
  }

  private static long count(List<TrainingRow> rows, double ttft, double tpot) {
    return rows.stream()
        .filter(row -> row.ttftMillis() == ttft && row.tpotMillis() == tpot)
        .count();
  }

  @Test
  void keepsTheKindsInProportion() {
    TrainingBuffer buffer = new TrainingBuffer(10, new Random(1));
    add(buffer, 20, 5, 0);
    add(buffer, 11, 0, 5);
    add(buffer, 1, 0, 0);

    List<TrainingRow> taken = buffer.take();

    assertThat(taken).hasSize(10);
    assertThat(count(taken, 5, 0)).isEqualTo(7); // six, and the remainder
    assertThat(count(taken, 0, 5)).isEqualTo(3);
    assertThat(buffer.take()).isEmpty();
  }

  @Test
  void neverHoldsManyMoreThanItGivesAway() {
    TrainingBuffer buffer = new TrainingBuffer(1, new Random(1));
    add(buffer, 100_000, 1, 0);
    add(buffer, 3, 0, 1);

    assertThat(buffer.take()).hasSize(1);
  }
}
