package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.traces.RandomIds;
import ai.llmd.epp.traces.span.AttributeName;
import ai.llmd.epp.traces.span.SpanWriter;

/** The attributes and spans of a look into the index of what prefix caches hold. */
final class PrefixSpans {

  private static final String PRODUCER = "llm_d.epp.producer.";
  private static final AttributeName RESULT = AttributeName.of(PRODUCER + "result");
  private static final AttributeName TOTAL = AttributeName.of(PRODUCER + "total_blocks");
  private static final AttributeName BEST = AttributeName.of(PRODUCER + "max_match_blocks");
  private static final String MATCH = "llm_d.kv_cache.prefix_match.";
  private static final AttributeName KEYS = AttributeName.of(MATCH + "key_count");
  private static final AttributeName FILTER = AttributeName.of(MATCH + "pod_filter_count");
  private static final AttributeName WALKED = AttributeName.of(MATCH + "walked");
  private static final AttributeName MATCHED = AttributeName.of(MATCH + "pods_matched");
  private static final AttributeName LONGEST = AttributeName.of(MATCH + "longest_chain");

  private PrefixSpans() {}

  /** Whether a step is one of a producer that follows cache events. */
  static boolean isOf(Evidence.Step step) {
    return step.type().startsWith("precise-prefix-cache-")
        && step.extensionPoint().equals("DataProducer");
  }

  /**
   * Shows what the index gave, as the reference does. A prompt without a full block is one without
   * tokens there.
   */
  static void describe(SpanWriter producer, Evidence.Step step) {
    Evidence.Lookup lookup = step.lookup();
    if (lookup != null) {
      producer.attribute(TOTAL, lookup.blocks()).attribute(BEST, lookup.best());
    } else if (step.degraded().isEmpty()) {
      producer.attribute(RESULT, "skipped_no_tokens");
    }
  }

  /**
   * Writes the span of the look into the index, if there was one.
   *
   * @param producer the span of the step
   * @param candidates endpoints that were looked up
   */
  static void writeLookup(
      TraceWriter spans, long producer, Evidence.Step step, int candidates, long startNanos) {
    Evidence.Lookup lookup = step.lookup();
    if (lookup == null) {
      return;
    }
    spans
        .begin(
            spans.scopes().kvCache(),
            "match_block_keys",
            RandomIds.spanId(),
            producer,
            startNanos,
            startNanos + step.nanos())
        .attribute(KEYS, lookup.blocks())
        .attribute(FILTER, candidates)
        .attribute(WALKED, true)
        .attribute(MATCHED, lookup.holders())
        .attribute(LONGEST, lookup.longest())
        .end();
  }
}
