package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.domain.routing.Evidence;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;

/** The attributes and spans of a look into the index of what prefix caches hold. */
final class PrefixSpans {

  private static final String PRODUCER = "llm_d.epp.producer.";
  private static final AttributeKey<String> RESULT = AttributeKey.stringKey(PRODUCER + "result");
  private static final AttributeKey<Long> TOTAL = AttributeKey.longKey(PRODUCER + "total_blocks");
  private static final AttributeKey<Long> BEST =
      AttributeKey.longKey(PRODUCER + "max_match_blocks");
  private static final String MATCH = "llm_d.kv_cache.prefix_match.";
  private static final AttributeKey<Long> KEYS = AttributeKey.longKey(MATCH + "key_count");
  private static final AttributeKey<Long> FILTER = AttributeKey.longKey(MATCH + "pod_filter_count");
  private static final AttributeKey<Boolean> WALKED = AttributeKey.booleanKey(MATCH + "walked");
  private static final AttributeKey<Long> MATCHED = AttributeKey.longKey(MATCH + "pods_matched");
  private static final AttributeKey<Long> LONGEST = AttributeKey.longKey(MATCH + "longest_chain");

  private PrefixSpans() {}

  /** Whether a step is one of a producer that follows cache events. */
  static boolean isOf(Evidence.Step step) {
    return step.type().startsWith("precise-prefix-cache-")
        && step.extensionPoint().equals("DataProducer");
  }

  /**
   * Adds what the index gave, as the reference shows it. A prompt without a full block is one
   * without tokens there.
   *
   * @param producer the span of the step, from its begin
   * @param candidates endpoints that were looked up
   */
  static void describe(
      Span producer, Spans spans, Evidence.Step step, int candidates, long startNanos) {
    Evidence.Lookup lookup = step.lookup();
    if (lookup == null) {
      if (step.degraded().isEmpty()) {
        producer.setAttribute(RESULT, "skipped_no_tokens");
      }
      return;
    }
    producer.setAttribute(TOTAL, (long) lookup.blocks());
    producer.setAttribute(BEST, (long) lookup.best());
    Spans.end(
        Spans.within(producer, spans.kvCache(), "match_block_keys", startNanos)
            .setAttribute(KEYS, (long) lookup.blocks())
            .setAttribute(FILTER, (long) candidates)
            .setAttribute(WALKED, true)
            .setAttribute(MATCHED, (long) lookup.holders())
            .setAttribute(LONGEST, (long) lookup.longest())
            .startSpan(),
        startNanos + step.nanos());
  }
}
