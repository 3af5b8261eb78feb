package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor.LoadReading;
import ai.llmd.epp.benchmark.MetricsPages;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** From the bytes of a model server's page to the load of its endpoint. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MetricsPageBenchmark {

  private static final int MAX_LINE_BYTES = 1 << 16;

  @Param({"4000", "90000"})
  public int bytes;

  private final LoadReading reading =
      new CoreMetricsExtractor(CoreMetricsExtractor.Parameters.DEFAULTS)
          .readingFor(Endpoint.of(new EndpointId("default", "a"), "10.0.0.1", 8000, Map.of()));
  private final ScanPlan plan = ScanPlan.of(reading.wanted());
  private final Samples samples = new Samples(plan);
  private final PageScanner scanner =
      new PageScanner(plan, samples, PageScanner.newPiece(), MAX_LINE_BYTES);
  private ByteBuf page = Unpooled.EMPTY_BUFFER;

  @Setup
  public void prepare() {
    page = Unpooled.directBuffer(bytes).writeBytes(MetricsPages.page(bytes, 3, 5, 0.4));
  }

  @Benchmark
  public EndpointLoad read() {
    page.readerIndex(0);
    scanner.begin();
    if (!scanner.scan(page) || !scanner.end()) {
      throw new IllegalStateException(scanner.failure());
    }
    return reading.read(samples, 0, EndpointLoad.UNSAMPLED, 0, problem -> {});
  }
}
