package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import ai.llmd.epp.domain.scheduling.handler.Disaggregation;
import ai.llmd.epp.domain.scheduling.handler.StageProfiles;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The spans of a handler that divides a request over stages. Stages are known by the names that
 * their profiles have in the configuration in force.
 */
final class DisaggregationSpans {

  /** The handler is asked which profile runs next. */
  static final String PICK = "ProfilePicker";

  private static final String DISAGG_HANDLER = "disagg-profile-handler";
  private static final String PD_HANDLER = "pd-profile-handler";
  private static final Set<String> HEADER_WRITERS =
      Set.of(DISAGG_HANDLER, PD_HANDLER, "disagg-headers-handler", "prefill-header-handler");
  private static final String HANDLER = "llm_d.epp.profile_handler.";
  private static final AttributeKey<Long> EXECUTED =
      AttributeKey.longKey(HANDLER + "executed_profiles");
  private static final AttributeKey<String> DECISION = AttributeKey.stringKey(HANDLER + "decision");
  private static final AttributeKey<String> SELECTED =
      AttributeKey.stringKey(HANDLER + "selected_profile");
  private static final String PD = "llm_d.epp.pd.";
  private static final AttributeKey<Boolean> PD_USED =
      AttributeKey.booleanKey(PD + "disaggregation_used");
  private static final AttributeKey<String> PREFILL_ADDRESS =
      AttributeKey.stringKey(PD + "prefill_pod_address");
  private static final AttributeKey<String> PREFILL_PORT =
      AttributeKey.stringKey(PD + "prefill_pod_port");
  private static final AttributeKey<Boolean> ENCODE_USED =
      AttributeKey.booleanKey("llm_d.epp.encode.disaggregation_used");
  private static final AttributeKey<List<String>> ENCODE_ENDPOINTS =
      AttributeKey.stringArrayKey("llm_d.epp.encode.endpoints");

  private DisaggregationSpans() {}

  /** Whether a step writes the headers by which a decode server finds the other stages. */
  static boolean isOfHeaders(Evidence.Step step) {
    return step.extensionPoint().equals("PreRequest") && HEADER_WRITERS.contains(step.type());
  }

  /** Shows which endpoints the other stages were given. */
  static void describe(Span span, Evidence evidence, StageProfiles stages) {
    List<Endpoint> prefill = picks(evidence, stages.prefill());
    List<Endpoint> encode = picks(evidence, stages.encode());
    span.setAttribute(PD_USED, !prefill.isEmpty());
    span.setAttribute(ENCODE_USED, !encode.isEmpty());
    if (!prefill.isEmpty()) {
      span.setAttribute(PREFILL_ADDRESS, prefill.getFirst().address());
      span.setAttribute(PREFILL_PORT, Integer.toString(prefill.getFirst().port()));
    }
    if (!encode.isEmpty()) {
      span.setAttribute(ENCODE_ENDPOINTS, encode.stream().map(Endpoint::hostPort).toList());
    }
  }

  private static List<Endpoint> picks(Evidence evidence, String profile) {
    List<Endpoint> picks = new ArrayList<>();
    for (ProfileEvidence run : evidence.profiles()) {
      ProfileEvidence.Picked pick = run.pick();
      if (pick != null && run.profile().equals(profile)) {
        pick.picks().forEach(candidate -> picks.add(candidate.endpoint()));
      }
    }
    return picks;
  }

  /**
   * Adds the span of one call of a handler that divides requests; other handlers have none.
   *
   * @param executed how many profiles ran before
   * @return when the call ended
   */
  static long pick(
      Span orchestration,
      Spans spans,
      Evidence.Step call,
      int executed,
      List<ProfileEvidence> profiles,
      long startNanos) {
    long end = startNanos + call.nanos();
    String name = spanOf(call);
    if (name != null) {
      Span span =
          Spans.within(orchestration, spans.plugins(), name, startNanos)
              .setAttribute(EXECUTED, (long) executed)
              .startSpan();
      if (executed < profiles.size()) {
        String next = profiles.get(executed).profile();
        span.setAttribute(SELECTED, next);
        span.setAttribute(DECISION, "run_" + stage(next, spans.stages().get()));
      } else {
        span.setAttribute(DECISION, "complete_" + spread(profiles, spans.stages().get()).label());
      }
      Spans.end(span, end);
    }
    return end;
  }

  private static @Nullable String spanOf(Evidence.Step call) {
    if (!call.extensionPoint().equals(PICK)) {
      return null;
    }
    return switch (call.type()) {
      case DISAGG_HANDLER -> "pick_disagg_profile";
      case PD_HANDLER -> "pick_pd_profile";
      default -> null;
    };
  }

  /** As in the label {@code decision_type} of metrics. */
  private static Disaggregation spread(List<ProfileEvidence> profiles, StageProfiles stages) {
    return Disaggregation.of(
        hasPick(profiles, stages.encode()), hasPick(profiles, stages.prefill()));
  }

  /** Profiles may have any name, decisions have the reference's. */
  private static String stage(String profile, StageProfiles stages) {
    if (profile.equals(stages.prefill())) {
      return "prefill";
    }
    return profile.equals(stages.encode()) ? "encode" : "decode";
  }

  private static boolean hasPick(List<ProfileEvidence> profiles, String profile) {
    return profiles.stream().anyMatch(run -> run.profile().equals(profile) && run.pick() != null);
  }
}
