package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.adapter.telemetry.trace.TraceSettings.Exporter;
import ai.llmd.epp.application.port.out.RequestTrace;
import ai.llmd.epp.application.port.out.RequestTracer;
import ai.llmd.epp.domain.request.RequestHeaders;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Traces requests as the environment asks for it. Whether a request is recorded is decided when its
 * headers come: as its caller decided, and by chance where there is no trace yet. For one that is
 * not, this object hands out one and the same trace, which costs nothing.
 */
public final class Tracing implements RequestTracer, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Tracing.class);
  private static final int MAX_ATTRIBUTE_LENGTH = 1_024;
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long CLOSING_SECONDS = 5;

  private final RandomIds ids;
  private final PassedContext unrecorded;
  private final LongSupplier nanoClock;
  private final @Nullable SdkTracerProvider provider; // null without an exporter
  private final @Nullable Spans spans;

  private Tracing(
      RandomIds ids,
      LongSupplier nanoClock,
      @Nullable SdkTracerProvider provider,
      @Nullable Spans spans) {
    this.ids = ids;
    this.unrecorded = new PassedContext(ids, provider != null);
    this.nanoClock = nanoClock;
    this.provider = provider;
    this.spans = spans;
  }

  /**
   * Reads the environment and starts what it asks for; without an exporter, nothing is recorded.
   *
   * @param environment variables by name; {@code OTEL_…} are read
   * @param meters count the spans
   * @param version of the build, and its commit
   * @param nanoClock as {@link System#nanoTime()}
   */
  public static Tracing start(
      Map<String, String> environment,
      SpanMeters meters,
      String version,
      String commit,
      LongSupplier nanoClock) {
    TraceSettings settings = new TraceEnvironment(environment, log::warn).read();
    RandomIds ids = RandomIds.ofRatio(settings.ratio());
    if (settings.exporter() == Exporter.NONE) {
      return new Tracing(ids, nanoClock, null, null);
    }
    SpanQueue queue =
        SpanQueue.start(
            new SpanExporters(log::warn).of(settings),
            meters,
            settings.queue(),
            span -> CommitScope.of(span, commit));
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setIdGenerator(ids)
            .setSampler(Sampler.alwaysOn()) // it is asked only for what was chosen
            .setResource(resource(settings, version))
            .setSpanLimits(
                SpanLimits.builder().setMaxAttributeValueLength(MAX_ATTRIBUTE_LENGTH).build())
            .addSpanProcessor(queue)
            .build();
    log.atInfo()
        .addKeyValue("exporter", settings.exporter())
        .addKeyValue("ratio", settings.ratio())
        .log("traces are recorded");
    return new Tracing(ids, nanoClock, provider, Spans.of(provider, version));
  }

  private static Resource resource(TraceSettings settings, String version) {
    AttributesBuilder attributes = Attributes.builder().put("service.version", version);
    settings
        .resource()
        .forEach((name, value) -> attributes.put(AttributeKey.stringKey(name), value));
    return Resource.create(attributes.build());
  }

  @Override
  public RequestTrace begin(RequestHeaders headers, long arrivedAtNanos) {
    Spans recording = spans;
    if (recording == null) {
      return unrecorded;
    }
    TraceParent parent = TraceParent.of(headers);
    boolean isChosen = parent == null ? ids.isChosen() : parent.isSampled();
    return isChosen ? record(recording, parent, arrivedAtNanos) : unrecorded;
  }

  private RecordedTrace record(Spans recording, @Nullable TraceParent parent, long arrivedAtNanos) {
    Instant now = Instant.now();
    long epochOffset =
        now.getEpochSecond() * NANOS_PER_SECOND + now.getNano() - nanoClock.getAsLong();
    Span request =
        recording
            .handlers()
            .spanBuilder("gateway.request")
            .setSpanKind(SpanKind.SERVER)
            .setParent(parent == null ? Context.root() : Context.root().with(remote(parent)))
            .setStartTimestamp(arrivedAtNanos + epochOffset, TimeUnit.NANOSECONDS)
            .startSpan();
    return new RecordedTrace(recording, request, nanoClock, arrivedAtNanos, epochOffset);
  }

  private static Span remote(TraceParent parent) {
    return Span.wrap(
        SpanContext.createFromRemoteParent(
            parent.traceId(), parent.spanId(), TraceFlags.getSampled(), TraceState.getDefault()));
  }

  /** Exports what is queued, for some seconds at most. */
  @Override
  public void close() {
    if (provider != null) {
      provider.shutdown().join(CLOSING_SECONDS, TimeUnit.SECONDS);
    }
  }
}
