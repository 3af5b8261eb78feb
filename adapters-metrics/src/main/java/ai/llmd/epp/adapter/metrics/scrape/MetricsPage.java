package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.adapter.metrics.page.PageReading;
import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor.LoadReading;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Takes in pages in the format of Prometheus, line by line, and makes loads of them. */
final class MetricsPage implements PageReading, UnaryOperator<EndpointLoad> {

  private static final Problems IGNORED =
      new Problems() {
        @Override
        public void add(String sentence) {}

        @Override
        public void end(int extractor) {}
      };

  private final ScrapeLoop loop;
  private final EndpointState state;
  private final List<LoadReading> readings;
  private final Samples samples;
  private final PageScanner scanner;
  private final Consumer<String> problem = this::problem;
  private Problems problems = IGNORED; // of the page that is published

  MetricsPage(ScrapeLoop loop, EndpointState state, List<LoadReading> readings) {
    this.loop = loop;
    this.state = state;
    this.readings = readings;
    ScanPlan plan = loop.planFor(readings);
    this.samples = new Samples(plan);
    this.scanner = new PageScanner(plan, samples, loop.piece(), loop.settings().maxLineBytes());
  }

  @Override
  public void begin() {
    scanner.begin();
  }

  @Override
  public boolean take(ByteBuf part) {
    return scanner.scan(part);
  }

  @Override
  public boolean end() {
    return scanner.end();
  }

  @Override
  public @Nullable String failure() {
    return scanner.failure();
  }

  @Override
  public boolean publish(Problems problems) {
    this.problems = problems;
    boolean hasAny = samples.anyFound();
    if (hasAny) {
      state.publish(this);
    } else {
      apply(state.load()); // nothing to publish, only to complain about
    }
    this.problems = IGNORED;
    return hasAny;
  }

  /** The next load: what each reading makes of the page, one after another. */
  @Override
  public EndpointLoad apply(EndpointLoad previous) {
    long now = loop.nowNanos();
    EndpointLoad load = previous;
    int first = 0;
    for (int i = 0; i < readings.size(); i++) {
      LoadReading reading = readings.get(i);
      try {
        load = reading.read(samples, first, load, now, problem);
      } catch (RuntimeException e) { // a stranger's plugin must not stop the others
        problem(e.toString());
      }
      problems.end(i);
      first += reading.wanted().size();
    }
    return load;
  }

  private void problem(String sentence) {
    problems.add(sentence);
  }

  /** All that these readings look for, one after another. */
  static List<WantedSeries> wantedBy(List<LoadReading> readings) {
    List<WantedSeries> wanted = new ArrayList<>();
    readings.forEach(reading -> wanted.addAll(reading.wanted()));
    return wanted;
  }
}
