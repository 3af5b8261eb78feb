package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.domain.scheduling.handler.StageProfiles;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.context.Context;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Begins spans in the reference's instrumentation scopes. Times are in nanoseconds since 1970.
 *
 * @param handlers the conversation with the gateway
 * @param requestControl what surrounds scheduling
 * @param scheduling the profiles
 * @param plugins a plugin's own span within scheduling
 * @param producers a data producer's own span
 * @param kvCache the index of what prefix caches hold
 * @param stages the profiles in force whose picks divide requests
 */
record Spans(
    Tracer handlers,
    Tracer requestControl,
    Tracer scheduling,
    Tracer plugins,
    Tracer producers,
    Tracer kvCache,
    Supplier<StageProfiles> stages) {

  private static final String SCOPE = "llm-d-router/pkg/";

  static Spans of(TracerProvider provider, String version, Supplier<StageProfiles> stages) {
    return new Spans(
        tracer(provider, "epp/handlers", version),
        tracer(provider, "epp/requestcontrol", version),
        tracer(provider, "epp/scheduling", version),
        tracer(provider, "epp/framework/plugins/scheduling", version),
        tracer(provider, "epp/framework/plugins/requestcontrol", version),
        tracer(provider, "kvcache", version),
        stages);
  }

  private static Tracer tracer(TracerProvider provider, String scope, String version) {
    return provider.tracerBuilder(SCOPE + scope).setInstrumentationVersion(version).build();
  }

  /** Begins a span within another one. */
  static SpanBuilder within(Span parent, Tracer tracer, String name, long startNanos) {
    return tracer
        .spanBuilder(name)
        .setParent(Context.root().with(parent))
        .setSpanKind(SpanKind.INTERNAL)
        .setStartTimestamp(startNanos, TimeUnit.NANOSECONDS);
  }

  static void end(Span span, long endNanos) {
    span.end(endNanos, TimeUnit.NANOSECONDS);
  }
}
