package ai.llmd.epp.adapter.metrics.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor.LoadReading;
import ai.llmd.epp.domain.pool.EndpointLoad;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads pages without a network, as an endpoint's poll does. */
final class PageReader {

  static final int MAX_LINE_BYTES = 4096;

  private final LoadReading reading;
  private final Samples samples;
  private final PageScanner scanner;
  final List<String> problems = new ArrayList<>();
  long nowNanos = 77;

  PageReader(LoadReading reading) {
    this.reading = reading;
    ScanPlan plan = ScanPlan.of(reading.wanted());
    samples = new Samples(plan);
    scanner = new PageScanner(plan, samples, PageScanner.newPiece(), MAX_LINE_BYTES);
  }

  static PageReader vllm() {
    return new PageReader(new EngineReading(EngineConfig.BUILT_IN.getFirst(), "x"));
  }

  /** A reader for these specifications as custom metrics {@code 0}, {@code 1} …. */
  static PageReader of(String... specs) {
    List<EngineConfig.CustomMetric> customs = new ArrayList<>();
    for (String spec : specs) {
      customs.add(new EngineConfig.CustomMetric(String.valueOf(customs.size()), spec));
    }
    return new PageReader(new EngineReading(engine("e", "", "", customs), "x"));
  }

  /** An engine that reports its queues at most, and custom metrics. */
  static EngineConfig engine(
      String name, String waiting, String running, List<EngineConfig.CustomMetric> customs) {
    return new EngineConfig(name, waiting, running, "", "", "", "", "", "", "", customs);
  }

  /** The failure of the page, in these pieces; empty when it is well-formed. */
  Optional<String> scan(byte[]... pieces) {
    scanner.begin();
    for (byte[] piece : pieces) {
      ByteBuf content = Unpooled.wrappedBuffer(piece);
      if (!scanner.scan(content)) {
        break;
      }
    }
    scanner.end();
    return Optional.ofNullable(scanner.failure());
  }

  Optional<String> scan(String page) {
    return scan(page.getBytes(UTF_8));
  }

  /** The load after the page that was scanned last; {@code previous} itself if it had nothing. */
  EndpointLoad after(EndpointLoad previous) {
    problems.clear();
    return reading.read(samples, 0, previous, nowNanos, problems::add);
  }

  /** The custom value of a page that must be well-formed; NaN when it lacks the series. */
  double value(String page) {
    Optional<String> failure = scan(page);
    if (failure.isPresent()) {
      throw new AssertionError(failure.get());
    }
    return after(EndpointLoad.UNSAMPLED).attributes().getOrDefault("0/x", Double.NaN);
  }
}
