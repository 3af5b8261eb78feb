package ai.llmd.epp.adapter.telemetry.trace;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.Evidence.Step;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.Resolution;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import ai.llmd.epp.domain.scheduling.handler.StageProfiles;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DecisionSpansTest {

  private static final StageProfiles STAGES = new StageProfiles("prompts", "pictures");

  private final List<SpanData> ended = new ArrayList<>();
  private final SdkTracerProvider provider =
      SdkTracerProvider.builder().addSpanProcessor(new Kept(ended)).build();
  private final Candidates candidates =
      new CycleFixture().endpoint(EndpointLoad.UNSAMPLED_AS_ZERO).build().candidates();

  @AfterEach
  void stop() {
    provider.close();
  }

  private record Kept(List<SpanData> ended) implements SpanProcessor {

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
      return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      ended.add(span.toSpanData());
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }
  }

  private ProfileEvidence profile(String name, List<ProfileEvidence.Filtered> filters) {
    return new ProfileEvidence(
        name,
        candidates,
        filters,
        List.of(),
        null,
        new ProfileEvidence.Picked("picker", "max-score-picker", candidates, 10));
  }

  private void record(List<Step> steps, List<Step> calls, List<ProfileEvidence> profiles) {
    Evidence evidence =
        new Evidence(Resolution.NONE, 1, steps, calls, profiles, null, 100, 1_000, null);
    Spans spans = Spans.of(provider, "1", () -> STAGES);
    new DecisionSpans(spans, Span.getInvalid())
        .add(
            new RoutingDecision.Reject(
                RequestLabels.anonymous("id"), Reason.NO_CANDIDATE, "none", evidence),
            1_000_000);
  }

  private static Step call() {
    return new Step("ProfilePicker", "handler", "disagg-profile-handler", 5, "");
  }

  private List<String> all(String span, String attribute) {
    return ended.stream()
        .filter(one -> one.getName().equals(span))
        .map(one -> String.valueOf(one.getAttributes().get(AttributeKey.stringKey(attribute))))
        .toList();
  }

  @Test
  void stagesAreKnownByTheProfilesThatAreConfigured() {
    record(
        List.of(new Step("PreRequest", "handler", "disagg-profile-handler", 5, "")),
        List.of(call(), call(), call(), call()),
        List.of(
            profile("answers", List.of()),
            profile("pictures", List.of()),
            profile("prompts", List.of())));

    assertThat(all("pick_disagg_profile", "llm_d.epp.profile_handler.decision"))
        .containsExactly(
            "run_decode", "run_encode", "run_prefill", "complete_encode-prefill-decode");
    assertThat(all("pick_disagg_profile", "llm_d.epp.profile_handler.selected_profile"))
        .startsWith("answers", "pictures", "prompts");
    assertThat(all("prepare_disaggregation", "llm_d.epp.pd.prefill_pod_address"))
        .containsExactly("10.0.0.1");
  }

  @Test
  void theAffinityFilterHasASpanOfItsOwn() {
    record(
        List.of(),
        List.of(),
        List.of(
            profile(
                "default",
                List.of(
                    new ProfileEvidence.Filtered("role", "decode-filter", candidates, 3),
                    new ProfileEvidence.Filtered(
                        "affinity", "prefix-cache-affinity-filter", candidates, 7)))));

    SpanData filters = span("filter_endpoints");
    SpanData affinity = span("prefix_cache_affinity_filter");
    assertThat(affinity.getParentSpanId()).isEqualTo(filters.getSpanId());
    assertThat(affinity.getStartEpochNanos()).isEqualTo(filters.getStartEpochNanos() + 3);
    assertThat(affinity.getEndEpochNanos()).isEqualTo(filters.getEndEpochNanos());
    assertThat(
            affinity
                .getAttributes()
                .get(AttributeKey.longKey("llm_d.epp.filter.filtered_endpoints")))
        .isEqualTo(1);
  }

  @Test
  void aLookIntoTheIndexShowsHowMuchWasFound() {
    record(List.of(precise("", new Evidence.Lookup(8, 3, 5, 4))), List.of(), List.of());

    SpanData producer = span("produce_precise_prefix_cache");
    assertThat(numbers(producer))
        .containsEntry("llm_d.epp.producer.candidate_endpoints", 1L)
        .containsEntry("llm_d.epp.producer.total_blocks", 8L)
        .containsEntry("llm_d.epp.producer.max_match_blocks", 4L)
        .containsKeys("gen_ai.request.model", "gen_ai.request.id")
        .doesNotContainKey("llm_d.epp.producer.result");
    SpanData match = span("match_block_keys");
    assertThat(match.getParentSpanId()).isEqualTo(producer.getSpanId());
    assertThat(match.getInstrumentationScopeInfo().getName()).isEqualTo("llm-d-router/pkg/kvcache");
    assertThat(numbers(match))
        .containsOnly(
            Map.entry("llm_d.kv_cache.prefix_match.key_count", 8L),
            Map.entry("llm_d.kv_cache.prefix_match.pod_filter_count", 1L),
            Map.entry("llm_d.kv_cache.prefix_match.walked", true),
            Map.entry("llm_d.kv_cache.prefix_match.pods_matched", 3L),
            Map.entry("llm_d.kv_cache.prefix_match.longest_chain", 5L));
  }

  @Test
  void aPromptWithoutBlocksIsNotLookedUp() {
    record(List.of(precise("", null)), List.of(), List.of());

    assertThat(all("produce_precise_prefix_cache", "llm_d.epp.producer.result"))
        .containsExactly("skipped_no_tokens");
    assertThat(ended).noneMatch(span -> span.getName().equals("match_block_keys"));
  }

  @Test
  void aLookThatFailedHasNoResult() {
    record(List.of(precise("threw", null)), List.of(), List.of());

    assertThat(all("produce_precise_prefix_cache", "llm_d.epp.producer.result"))
        .containsExactly("null");
  }

  private static Step precise(String degraded, Evidence.@Nullable Lookup lookup) {
    return new Step(
        "DataProducer", "precise", "precise-prefix-cache-producer", 9, degraded, lookup);
  }

  private static Map<String, Object> numbers(SpanData span) {
    Map<String, Object> numbers = new HashMap<>();
    span.getAttributes().forEach((key, value) -> numbers.put(key.getKey(), value));
    return numbers;
  }

  private SpanData span(String name) {
    return ended.stream().filter(one -> one.getName().equals(name)).findAny().orElseThrow();
  }
}
