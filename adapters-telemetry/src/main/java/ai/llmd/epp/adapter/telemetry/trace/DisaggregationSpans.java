package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import ai.llmd.epp.domain.scheduling.handler.Disaggregation;
import ai.llmd.epp.domain.scheduling.handler.StageProfiles;
import ai.llmd.epp.traces.RandomIds;
import ai.llmd.epp.traces.span.AttributeName;
import ai.llmd.epp.traces.span.SpanWriter;
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
  private static final AttributeName EXECUTED = AttributeName.of(HANDLER + "executed_profiles");
  private static final AttributeName DECISION = AttributeName.of(HANDLER + "decision");
  private static final AttributeName SELECTED = AttributeName.of(HANDLER + "selected_profile");
  private static final String PD = "llm_d.epp.pd.";
  private static final AttributeName PD_USED = AttributeName.of(PD + "disaggregation_used");
  private static final AttributeName PREFILL_ADDRESS = AttributeName.of(PD + "prefill_pod_address");
  private static final AttributeName PREFILL_PORT = AttributeName.of(PD + "prefill_pod_port");
  private static final AttributeName ENCODE_USED =
      AttributeName.of("llm_d.epp.encode.disaggregation_used");
  private static final AttributeName ENCODE_ENDPOINTS =
      AttributeName.of("llm_d.epp.encode.endpoints");

  private DisaggregationSpans() {}

  /** Whether a step writes the headers by which a decode server finds the other stages. */
  static boolean isOfHeaders(Evidence.Step step) {
    return step.extensionPoint().equals("PreRequest") && HEADER_WRITERS.contains(step.type());
  }

  /** Shows which endpoints the other stages were given. */
  static void describe(SpanWriter span, Evidence evidence, StageProfiles stages) {
    List<Endpoint> prefill = picks(evidence, stages.prefill());
    List<Endpoint> encode = picks(evidence, stages.encode());
    span.attribute(PD_USED, !prefill.isEmpty());
    span.attribute(ENCODE_USED, !encode.isEmpty());
    if (!prefill.isEmpty()) {
      span.attribute(PREFILL_ADDRESS, prefill.getFirst().address());
      span.attribute(PREFILL_PORT, Integer.toString(prefill.getFirst().port()));
    }
    if (!encode.isEmpty()) {
      span.attribute(ENCODE_ENDPOINTS, encode.stream().map(Endpoint::hostPort).toList());
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
   * Writes the span of one call of a handler that divides requests; other handlers have none.
   *
   * @param executed how many profiles ran before
   */
  static void pick(
      TraceWriter spans,
      long orchestration,
      Evidence.Step call,
      int executed,
      DecidedSpans decided,
      long startNanos) {
    String name = spanOf(call);
    if (name == null) {
      return;
    }
    List<ProfileEvidence> profiles = decided.evidence().profiles();
    SpanWriter span =
        spans
            .begin(
                spans.scopes().plugins(),
                name,
                RandomIds.spanId(),
                orchestration,
                startNanos,
                startNanos + call.nanos())
            .attribute(EXECUTED, executed);
    if (executed < profiles.size()) {
      String next = profiles.get(executed).profile();
      span.attribute(SELECTED, next);
      span.attribute(DECISION, "run_" + stage(next, decided.stages()));
    } else {
      span.attribute(DECISION, "complete_" + spread(profiles, decided.stages()).label());
    }
    span.end();
  }

  /** The name of its span; null when it has none. */
  static @Nullable String spanOf(Evidence.Step call) {
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
