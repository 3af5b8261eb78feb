package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.traces.span.SpanScope;

/**
 * The reference's instrumentation scopes.
 *
 * @param handlers the conversation with the gateway
 * @param requestControl what surrounds scheduling
 * @param scheduling the profiles
 * @param plugins a plugin's own span within scheduling
 * @param producers a data producer's own span
 * @param kvCache the index of what prefix caches hold
 */
record Scopes(
    SpanScope handlers,
    SpanScope requestControl,
    SpanScope scheduling,
    SpanScope plugins,
    SpanScope producers,
    SpanScope kvCache) {

  private static final String PREFIX = "llm-d-router/pkg/";

  /**
   * @param version of the build
   */
  static Scopes of(String version) {
    return new Scopes(
        new SpanScope(PREFIX + "epp/handlers", version),
        new SpanScope(PREFIX + "epp/requestcontrol", version),
        new SpanScope(PREFIX + "epp/scheduling", version),
        new SpanScope(PREFIX + "epp/framework/plugins/scheduling", version),
        new SpanScope(PREFIX + "epp/framework/plugins/requestcontrol", version),
        new SpanScope(PREFIX + "kvcache", version));
  }
}
