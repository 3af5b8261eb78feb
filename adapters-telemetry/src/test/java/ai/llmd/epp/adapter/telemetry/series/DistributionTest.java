package ai.llmd.epp.adapter.telemetry.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class DistributionTest {

  private final Distribution distribution =
      new Distribution("d", "d", new double[] {1, 2}, "label");

  private HistogramDataPointSnapshot only() {
    return distribution.collect().getDataPoints().getFirst();
  }

  @Test
  void countsABoundIntoItsOwnBucket() {
    for (double value : new double[] {0.5, 1, 1.5, 2, 2.5}) {
      distribution.with("a").observe(value);
    }

    assertThat(only().getClassicBuckets().getCount(0)).isEqualTo(2);
    assertThat(only().getClassicBuckets().getCount(1)).isEqualTo(2);
    assertThat(only().getClassicBuckets().getCount(2)).isEqualTo(1);
    assertThat(only().getSum()).isEqualTo(7.5);
  }

  @Test
  void showsASeriesOnceItIsUsed() {
    distribution.with("a");

    assertThat(distribution.collect().getDataPoints()).isEmpty();
  }

  @Test
  void emptiesABatchIntoItsSeries() {
    var batch = new Distribution.Batch(new double[] {1, 2});
    batch.observe(1.5);
    batch.observe(9);
    distribution.with("a").drain(batch);
    distribution.with("a").drain(batch);

    assertThat(batch.size()).isZero();
    assertThat(only().getCount()).isEqualTo(2);
    assertThat(only().getSum()).isEqualTo(10.5);
  }

  @Test
  void losesNoObservationBetweenThreads() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        writers.add(
            threads.submit(
                () -> {
                  for (int n = 0; n < 50_000; n++) {
                    distribution.with("a").observe(1);
                  }
                }));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
    }

    assertThat(only().getCount()).isEqualTo(100_000);
    assertThat(only().getSum()).isEqualTo(100_000);
  }
}
