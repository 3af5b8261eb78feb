package ai.llmd.epp.traces;

import ai.llmd.epp.traces.TraceSettings.Exporter;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the environment asks of traces, running: which requests are chosen, and where their spans
 * go. Every span that is begun is recorded, so that a program begins none of requests that are not
 * chosen. Any thread.
 */
public final class TraceExport implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TraceExport.class);
  private static final int MAX_ATTRIBUTE_LENGTH = 1_024;
  private static final long CLOSING_SECONDS = 5;

  private final RandomIds ids;
  private final @Nullable SdkTracerProvider provider; // null without an exporter

  private TraceExport(RandomIds ids, @Nullable SdkTracerProvider provider) {
    this.ids = ids;
    this.provider = provider;
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
    Resource resource = resource(settings, program.version());
    SpanQueue queue =
        SpanQueue.start(
            new SpanExporters(resource, program.commit(), log::warn).of(settings),
            counts,
            settings.queue());
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setIdGenerator(ids)
            .setSampler(Sampler.alwaysOn()) // it is asked only for what was chosen
            .setResource(resource)
            .setSpanLimits(
                SpanLimits.builder().setMaxAttributeValueLength(MAX_ATTRIBUTE_LENGTH).build())
            .addSpanProcessor(queue)
            .build();
    log.atInfo()
        .addKeyValue("exporter", settings.exporter())
        .addKeyValue("ratio", settings.ratio())
        .log("traces are recorded");
    return new TraceExport(ids, provider);
  }

  private static Resource resource(TraceSettings settings, String version) {
    AttributesBuilder attributes = Attributes.builder().put("service.version", version);
    settings
        .resource()
        .forEach((name, value) -> attributes.put(AttributeKey.stringKey(name), value));
    return Resource.create(attributes.build());
  }

  /** Chooses requests, and names what is chosen. */
  public RandomIds ids() {
    return ids;
  }

  /** Makes tracers; null when nothing is exported. */
  public @Nullable TracerProvider provider() {
    return provider;
  }

  /** Exports what is queued, for some seconds at most. */
  @Override
  public void close() {
    if (provider != null) {
      provider.shutdown().join(CLOSING_SECONDS, TimeUnit.SECONDS);
    }
  }
}
