package ai.llmd.epp.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.traces.span.EndedSpans;
import ai.llmd.epp.traces.span.SpanWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class SpanQueueTest {

  private static final Duration AT_ONCE = Duration.ofMillis(10);
  private static final Duration NEVER = Duration.ofHours(1);

  private final Counted counts = new Counted();

  private static final class Counted implements SpanCounts {

    private final AtomicInteger exported = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger dropped = new AtomicInteger();

    @Override
    public void exported(int spans) {
      exported.addAndGet(spans);
    }

    @Override
    public void failed(int spans) {
      failed.addAndGet(spans);
    }

    @Override
    public void dropped(int spans) {
      dropped.addAndGet(spans);
    }
  }

  private static SpanQueue.Limits limits(int spans, int batch, Duration delay) {
    return new SpanQueue.Limits(spans, batch, delay, Duration.ofSeconds(9));
  }

  /** Takes each batch after a while that it spends parked, as those that talk to a collector do. */
  private static final class Slow extends FakeExporter {

    @Override
    public void export() {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
      for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
    }
  }

  /** The wake-up of a full batch must not be lost because it came while another was exported. */
  @Test
  void fullBatchesNeverWaitForTheNextRound() {
    try (SpanQueue queue = SpanQueue.start(new Slow(), counts, limits(100, 2, NEVER))) {
      for (int round = 1; round <= 10; round++) {
        int exported = 4 * round;
        twice(queue);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        twice(queue); // while the first two are exported, most times

        await().until(() -> counts.exported.get() == exported);
      }
      assertThat(counts.dropped).hasValue(0);
    }
  }

  /** A collector is not asked for every few spans that have come while it took those before. */
  @Test
  void whatIsNoFullBatchWaitsForMore() {
    FakeExporter exporter = new FakeExporter();
    try (SpanQueue queue = SpanQueue.start(exporter, counts, limits(100, 4, NEVER))) {
      queue.add(new FakeSpans("a", "b", "c"));
      queue.add(new FakeSpans("d", "e"));
      await().until(() -> counts.exported.get() == 3);
      queue.add(new FakeSpans("f", "g"));
      await().until(() -> counts.exported.get() == 7);

      assertThat(exporter.batches).hasSize(2);
      assertThat(exporter.batches.get(1)).contains("\"d\"", "\"e\"", "\"f\"", "\"g\"");
    }
  }

  private static void twice(SpanQueue queue) {
    queue.add(new FakeSpans("a"));
    queue.add(new FakeSpans("a"));
  }

  @Test
  void whatFailsIsCounted() {
    FakeExporter refusing =
        new FakeExporter() {
          @Override
          public void export() throws IOException {
            throw new IOException("no room");
          }
        };
    try (SpanQueue queue = SpanQueue.start(refusing, counts, limits(4, 2, AT_ONCE))) {
      queue.add(new FakeSpans("a", "b"));

      await().until(() -> counts.failed.get() == 2);
      assertThat(counts.exported).hasValue(0);
    }
  }

  @Test
  void spansThatEndTogetherStayTogether() {
    FakeExporter exporter = new FakeExporter();
    SpanQueue queue = SpanQueue.start(exporter, counts, limits(100, 4, NEVER));
    try (queue) {
      queue.add(new FakeSpans("a", "b", "c"));
      queue.add(new FakeSpans("d", "e"));
      await().until(() -> counts.exported.get() == 3); // the others are no full batch
      queue.add(new FakeSpans("f", "g", "h", "i", "j"));
      await().until(() -> counts.exported.get() == 10);
    }

    assertThat(exporter.batches).hasSize(3);
    assertThat(exporter.batches.get(0)).contains("\"a\"", "\"c\"").doesNotContain("\"d\"");
    assertThat(exporter.batches.get(1)).contains("\"d\"", "\"e\"").doesNotContain("\"f\"");
    assertThat(exporter.batches.get(2)).contains("\"f\"", "\"j\"");
  }

  @Test
  void whatTheQueueHasNoRoomForIsDroppedAndCounted() throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    FakeExporter hanging =
        new FakeExporter() {
          @Override
          public void export() throws InterruptedException {
            taken.countDown();
            goOn.await();
          }
        };
    try (SpanQueue queue = SpanQueue.start(hanging, counts, limits(5, 1, NEVER))) {
      queue.add(new FakeSpans("a"));
      taken.await();
      queue.add(new FakeSpans("b", "c", "d"));
      queue.add(new FakeSpans("e", "f", "g"));
      queue.add(new FakeSpans("h", "i"));
      queue.add(new FakeSpans("j"));

      assertThat(counts.dropped).hasValue(4);
      goOn.countDown();
      await().until(() -> counts.exported.get() == 6);
    }
    assertThat(counts.dropped).hasValue(4);
  }

  @Test
  void anEmptyQueueTakesMoreThanItsBoundAtOnce() {
    try (SpanQueue queue = SpanQueue.start(new FakeExporter(), counts, limits(2, 2, NEVER))) {
      queue.add(new FakeSpans("a", "b", "c"));

      await().until(() -> counts.exported.get() == 3);
    }
  }

  @Test
  void spansThatCannotBeWrittenCostTheirBatchAndNoOther() {
    FakeExporter exporter = new FakeExporter();
    try (SpanQueue queue = SpanQueue.start(exporter, counts, limits(100, 1, NEVER))) {
      queue.add(new Broken());
      await().until(() -> counts.failed.get() == 1);
      queue.add(new FakeSpans("a"));

      await().until(() -> counts.exported.get() == 1);
      assertThat(exporter.batches).singleElement().asString().contains("\"a\"");
    }
  }

  private record Broken() implements EndedSpans {

    @Override
    public int count() {
      return 1;
    }

    @Override
    public void writeTo(SpanWriter writer) {
      throw new IllegalStateException("planted");
    }
  }

  @Test
  void theEndExportsWhatIsQueuedAndTakesNoMore() {
    SpanQueue queue = SpanQueue.start(new FakeExporter(), counts, limits(100, 50, NEVER));
    queue.add(new FakeSpans("a", "b"));

    queue.close();
    queue.add(new FakeSpans("c"));

    assertThat(counts.exported).hasValue(2);
    assertThat(counts.dropped).hasValue(1);
  }
}
