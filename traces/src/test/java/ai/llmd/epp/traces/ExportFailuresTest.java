package ai.llmd.epp.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class ExportFailuresTest {

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

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static CompletableResultCode exported(String protocol, int port) {
    TraceSettings settings =
        new TraceEnvironment(
                "test",
                Map.of(
                    "OTEL_TRACES_EXPORTER",
                    "otlp",
                    "OTEL_EXPORTER_OTLP_PROTOCOL",
                    protocol,
                    "OTEL_EXPORTER_OTLP_TIMEOUT",
                    "10000",
                    "OTEL_EXPORTER_OTLP_ENDPOINT",
                    "http://127.0.0.1:" + port),
                warning -> {})
            .read();
    try (SpanExporter exporter =
        new SpanExporters(Resource.empty(), "abc", warning -> {}).of(settings)) {
      return exporter.export(span()).join(60, TimeUnit.SECONDS);
    }
  }

  /** One that has ended. */
  private static List<SpanData> span() {
    List<SpanData> spans = new ArrayList<>();
    SpanQueue queue = SpanQueue.start(new Refusing(spans), new Counted(), SpanQueue.Limits.DEFAULT);
    try (SdkTracerProvider provider = SdkTracerProvider.builder().addSpanProcessor(queue).build()) {
      provider.get("test").spanBuilder("a").startSpan().end();
    }
    return spans;
  }

  private record Refusing(List<SpanData> seen) implements SpanExporter {

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      seen.addAll(spans);
      return CompletableResultCode.ofExceptionalFailure(new IOException("no room"));
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  @Test
  void aCollectorThatIsAwayIsNamedOverEitherProtocol() throws IOException {
    for (String protocol : List.of("grpc", "http/protobuf")) {
      CompletableResultCode result = exported(protocol, freePort());

      assertThat(result.isSuccess()).isFalse();
      assertThat(ExportFailures.reason(result.getFailureThrowable()))
          .as(protocol)
          .contains(protocol.equals("grpc") ? "UNAVAILABLE" : "Connect");
    }
  }

  @Test
  void theRootOfAFailureIsShownAndNoMoreThanALineOfIt() {
    IOException root = new IOException("connection refused");
    Throwable wrapped = new Exception(new IllegalStateException("UNAVAILABLE", root));

    assertThat(ExportFailures.reason(wrapped))
        .isEqualTo("java.lang.IllegalStateException: UNAVAILABLE: connection refused");
    assertThat(ExportFailures.reason(new IOException("x".repeat(10_000)))).hasSizeLessThan(400);
    assertThat(ExportFailures.reason(null)).isEqualTo("unknown");
    assertThat(ExportFailures.reason(new Exception((String) null)))
        .isEqualTo("the collector answered with an error");
  }

  /** Takes each batch after a while that it spends parked, as those that talk to a collector do. */
  private record Slow() implements SpanExporter {

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
      for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  /** The wake-up of a full batch must not be lost because it came while another was exported. */
  @Test
  void fullBatchesNeverWaitForTheNextRound() {
    Counted counts = new Counted();
    SpanQueue queue =
        SpanQueue.start(
            new Slow(),
            counts,
            new SpanQueue.Limits(100, 2, Duration.ofHours(1), Duration.ofSeconds(9)));
    try (SdkTracerProvider provider = SdkTracerProvider.builder().addSpanProcessor(queue).build()) {
      Tracer tracer = Objects.requireNonNull(provider.get("test"));
      for (int round = 1; round <= 10; round++) {
        int exported = 4 * round;
        twice(tracer);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        twice(tracer); // while the first two are exported, most times

        await().until(() -> counts.exported.get() == exported);
      }
      assertThat(counts.dropped).hasValue(0);
    }
  }

  private static void twice(Tracer tracer) {
    tracer.spanBuilder("a").startSpan().end();
    tracer.spanBuilder("a").startSpan().end();
  }

  @Test
  void whatFailsIsCounted() {
    Counted counts = new Counted();
    SpanQueue queue =
        SpanQueue.start(
            new Refusing(new ArrayList<>()),
            counts,
            new SpanQueue.Limits(4, 2, Duration.ofMillis(10), Duration.ofSeconds(1)));
    try (SdkTracerProvider provider = SdkTracerProvider.builder().addSpanProcessor(queue).build()) {
      Tracer tracer = Objects.requireNonNull(provider.get("test"));
      tracer.spanBuilder("a").startSpan().end();

      await().until(() -> counts.failed.get() == 1);
      assertThat(counts.exported).hasValue(0);
    }
  }
}
