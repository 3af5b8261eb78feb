package ai.llmd.epp.adapter.telemetry.trace;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.Evidence.Step;
import ai.llmd.epp.domain.routing.FlowEvidence;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.Resolution;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import ai.llmd.epp.domain.scheduling.handler.StageProfiles;
import ai.llmd.epp.traces.span.SpanHead;
import ai.llmd.epp.traces.span.TraceId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DecisionSpansTest {

  private static final StageProfiles STAGES = new StageProfiles("prompts", "pictures");
  private static final Scopes SCOPES = Scopes.of("1");

  private static final FlowEvidence QUEUED =
      new FlowEvidence(0, "flow", "Dispatched", true, 20, 0.5, 1, List.of(), null);

  private final SchedulingCycle cycle =
      new CycleFixture().endpoint(EndpointLoad.UNSAMPLED_AS_ZERO).build();
  private final Candidates candidates = cycle.candidates();
  private RecordedSpans recorded = new RecordedSpans();

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
    record(new Evidence(Resolution.NONE, 1, steps, calls, profiles, null, 100, 1_000, null));
  }

  /** Also checks that as many spans are written as are counted. */
  private void record(Evidence evidence) {
    DecidedSpans decided =
        DecidedSpans.of(
            new RoutingDecision.Reject(
                RequestLabels.anonymous("id"), Reason.NO_CANDIDATE, "none", evidence),
            SCOPES,
            new RequestSpan(new TraceId(1, 2), 3, 0),
            STAGES,
            1_000_000);
    recorded = RecordedSpans.of(decided);
    assertThat(recorded.all()).hasSize(decided.count());
  }

  private static Step call() {
    return new Step("ProfilePicker", "handler", "disagg-profile-handler", 5, "");
  }

  private List<String> all(String span, String attribute) {
    return recorded.all().stream()
        .filter(one -> one.head().name().equals(span))
        .map(one -> String.valueOf(one.attributes().get(attribute)))
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

    SpanHead filters = recorded.named("filter_endpoints").head();
    RecordedSpans.Written affinity = recorded.named("prefix_cache_affinity_filter");
    assertThat(affinity.head().parentId()).isEqualTo(filters.id());
    assertThat(affinity.head().startNanos()).isEqualTo(filters.startNanos() + 3);
    assertThat(affinity.head().endNanos()).isEqualTo(filters.endNanos());
    assertThat(affinity.attributes()).containsEntry("llm_d.epp.filter.filtered_endpoints", 1L);
  }

  @Test
  void aLookIntoTheIndexShowsHowMuchWasFound() {
    record(List.of(precise("", new Evidence.Lookup(8, 3, 5, 4))), List.of(), List.of());

    RecordedSpans.Written producer = recorded.named("produce_precise_prefix_cache");
    assertThat(producer.attributes())
        .containsEntry("llm_d.epp.producer.candidate_endpoints", 1L)
        .containsEntry("llm_d.epp.producer.total_blocks", 8L)
        .containsEntry("llm_d.epp.producer.max_match_blocks", 4L)
        .containsKeys("gen_ai.request.model", "gen_ai.request.id")
        .doesNotContainKey("llm_d.epp.producer.result");
    RecordedSpans.Written match = recorded.named("match_block_keys");
    assertThat(match.head().parentId()).isEqualTo(producer.head().id());
    assertThat(match.head().scope().name()).isEqualTo("llm-d-router/pkg/kvcache");
    assertThat(match.attributes())
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
    assertThat(recorded.all()).noneMatch(span -> span.head().name().equals("match_block_keys"));
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

  /** Each is a span's and an event's, or none of them. */
  @Test
  void everythingThatADecisionShowsIsCounted() {
    Scores scores = Scores.of(cycle, candidate -> 0.5);
    record(
        new Evidence(
            Resolution.NONE,
            1,
            List.of(
                new Step("RequestHeader", "noted", "noted", 0, "why"),
                new Step("RequestDataProducer", "tokens", "token-producer", 4, ""),
                precise("", new Evidence.Lookup(8, 3, 5, 4)),
                new Step("PreRequest", "handler", "disagg-profile-handler", 5, "")),
            List.of(call(), new Step("ProfilePicker", "single", "single-profile-handler", 5, "")),
            List.of(
                new ProfileEvidence(
                    "default",
                    candidates,
                    List.of(),
                    List.of(
                        new ProfileEvidence.Scored("queue", "queue-scorer", 2, scores, 3),
                        new ProfileEvidence.Scored("prefix", "prefix-cache-scorer", 1, scores, 3)),
                    scores,
                    null)),
            null,
            100,
            1_000,
            QUEUED));

    assertThat(recorded.all())
        .extracting(span -> span.head().name())
        .containsExactlyInAnyOrder(
            "gateway.request_orchestration",
            "tokenize",
            "llm_d.epp.flow_control.queue",
            "match_block_keys",
            "produce_precise_prefix_cache",
            "pick_disagg_profile",
            "run_scheduler_profile",
            "filter_endpoints",
            "llm_d.epp.scoring",
            "llm_d.epp.scorer.queue-scorer",
            "llm_d.epp.scorer.prefix-cache-scorer",
            "score_prefix_cache",
            "prepare_disaggregation");
    assertThat(recorded.named("gateway.request_orchestration").events())
        .containsEntry("RequestHeader", Map.of("llm_d.epp.plugin.degraded", "why"))
        .containsEntry("failed", "NO_CANDIDATE - none");
  }
}
