package ai.llmd.epp.application;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.FlowEvidence;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.Resolution;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decision as it is remembered: who asked, what was decided, and why, without anything of the
 * prompt. Smaller than the decision's own evidence, which holds every endpoint of the pool.
 *
 * @param resolution the objective and the rewrite that applied
 * @param decidedAtMillis when, in milliseconds since 1970
 * @param endpoints the destination first; empty when refused
 * @param refusal why the request was refused, or null
 * @param candidates endpoints that were considered
 * @param steps plugins called outside profiles, in order
 * @param profiles the profiles that ran, in order
 * @param primaryProfile the profile that chose the destination; empty when none did
 * @param scheduleNanos time spent in the scheduler, 0 when it was not reached
 * @param totalNanos time from the call to the decision
 * @param flow what flow control did; null where it is off, or was not reached
 */
public record DecisionRecord(
    RequestLabels labels,
    Resolution resolution,
    long decidedAtMillis,
    List<Endpoint> endpoints,
    @Nullable Refusal refusal,
    int candidates,
    List<Evidence.Step> steps,
    List<ProfileRecord> profiles,
    String primaryProfile,
    long scheduleNanos,
    long totalNanos,
    @Nullable FlowEvidence flow) {

  /** Rough size of a record without its parts, in bytes. */
  private static final int OWN_BYTES = 256;

  private static final int STEP_BYTES = 56;
  private static final int FLOW_BYTES = 96;
  private static final int EVICTED_BYTES = 40 + 2 * 64; // an id may come later

  /** Why a request was refused. */
  public record Refusal(Reason reason, String detail) {}

  /**
   * @param nowNanos {@link System#nanoTime()}, to compute the age of the load samples
   */
  static DecisionRecord of(RoutingDecision decision, long nowMillis, long nowNanos) {
    return switch (decision) {
      case Route route ->
          of(route.labels(), route.endpoints(), null, route.evidence(), nowMillis, nowNanos);
      case Reject reject ->
          of(
              reject.labels(),
              List.of(),
              new Refusal(reject.reason(), reject.detail()),
              reject.evidence(),
              nowMillis,
              nowNanos);
    };
  }

  private static DecisionRecord of(
      RequestLabels labels,
      List<Endpoint> endpoints,
      @Nullable Refusal refusal,
      Evidence evidence,
      long nowMillis,
      long nowNanos) {
    List<ProfileRecord> profiles = new ArrayList<>(evidence.profiles().size());
    for (ProfileEvidence profile : evidence.profiles()) {
      profiles.add(ProfileRecord.of(profile, nowNanos));
    }
    return new DecisionRecord(
        labels,
        evidence.resolution(),
        nowMillis,
        endpoints,
        refusal,
        evidence.candidates(),
        evidence.steps(),
        profiles,
        evidence.choice() == null ? "" : evidence.choice().profile(),
        evidence.scheduleNanos(),
        evidence.totalNanos(),
        evidence.flow());
  }

  /** Memory that the record holds, estimated from above, in bytes. */
  long bytes() {
    long bytes = OWN_BYTES + (long) STEP_BYTES * steps.size() + 8L * endpoints.size();
    bytes += 2L * (labels.requestId().length() + labels.incomingModel().length());
    bytes += 2L * (labels.targetModel().length() + labels.fairnessId().length());
    bytes += 2L * resolution.objective().length();
    bytes += refusal == null ? 0 : 2L * refusal.detail().length();
    bytes += flow == null ? 0 : bytes(flow);
    for (ProfileRecord profile : profiles) {
      bytes += profile.bytes();
    }
    return bytes;
  }

  private static long bytes(FlowEvidence flow) {
    long bytes = (long) FLOW_BYTES + (flow.evicted() == null ? 0 : EVICTED_BYTES);
    for (String id : flow.madeRoom()) {
      bytes += 2L * id.length();
    }
    return bytes;
  }
}
