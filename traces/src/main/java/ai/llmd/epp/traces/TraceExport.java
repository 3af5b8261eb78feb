package ai.llmd.epp.traces;

import ai.llmd.epp.traces.TraceSettings.Exporter;
import ai.llmd.epp.traces.span.EndedSpans;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the environment asks of traces, running: which requests are chosen, and where their spans
 * go. Any thread.
 */
public final class TraceExport implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TraceExport.class);

  private final RandomIds ids;
  private final @Nullable SpanQueue queue; // null without an exporter

  private TraceExport(RandomIds ids, @Nullable SpanQueue queue) {
    this.ids = ids;
    this.queue = queue;
  }

  /**
   * Which program it is.
   *
   * @param service its name where no variable gives one
   * @param version of the build
   * @param commit of the sources
   */
  public record Program(String service, String version, String commit) {}

  /**
   * Reads the environment and starts what it asks for; without an exporter, nothing is recorded.
   *
   * @param environment variables by name; {@code OTEL_…} are read
   */
  public static TraceExport start(
      Program program, Map<String, String> environment, SpanCounts counts) {
    TraceSettings settings = new TraceEnvironment(program.service(), environment, log::warn).read();
    RandomIds ids = RandomIds.ofRatio(settings.ratio());
    if (settings.exporter() == Exporter.NONE) {
      return new TraceExport(ids, null);
    }
    SpanQueue queue =
        SpanQueue.start(
            new SpanExporters(resource(settings, program.version()), program.commit(), log::warn)
                .of(settings),
            counts,
            settings.queue());
    log.atInfo()
        .addKeyValue("exporter", settings.exporter())
        .addKeyValue("ratio", settings.ratio())
        .log("traces are recorded");
    return new TraceExport(ids, queue);
  }

  private static Map<String, String> resource(TraceSettings settings, String version) {
    Map<String, String> resource = new LinkedHashMap<>();
    resource.put("service.version", version);
    resource.putAll(settings.resource());
    return resource;
  }

  /** Chooses requests, and names what is chosen. */
  public RandomIds ids() {
    return ids;
  }

  /** Whether anything is exported. */
  public boolean isOn() {
    return queue != null;
  }

  /** Queues spans for the exporter; without one, they are left out. Never waits. */
  public void add(EndedSpans spans) {
    if (queue != null) {
      queue.add(spans);
    }
  }

  /** Exports what is queued, for some seconds at most. */
  @Override
  public void close() {
    if (queue != null) {
      queue.close();
    }
  }
}
