package ai.llmd.epp.application;

import ai.llmd.epp.domain.calls.Called;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.FlowEvidence;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.Resolution;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import ai.llmd.epp.domain.scheduling.Scheduler.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Gathers one decision's evidence on its way. One thread at a time: the request's. */
final class EvidenceBuilder {

  private static final String HEALTH = "EndpointHealth";
  private static final String HEALTH_TYPE = "endpoint-health";
  private static final String STORED = "StoredAnswers";
  private static final String STORED_TYPE = "stored-answers";
  private static final int MAX_NAMES_LENGTH = 200;

  final long startedAt;
  final List<Evidence.Step> steps = new ArrayList<>();
  Resolution resolution = Resolution.NONE;
  int candidates;
  @Nullable FlowEvidence flow;

  private final LongSupplier nanoClock;
  private final List<Evidence.Step> handlerCalls = new ArrayList<>(4);
  private List<ProfileEvidence> profiles = List.of();
  private Evidence.@Nullable Choice choice;
  private long scheduleNanos;

  EvidenceBuilder(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.startedAt = nanoClock.getAsLong();
  }

  /** Adds a plugin call outside scheduling. */
  void step(String extensionPoint, Named<?> plugin, Called<?> called) {
    steps.add(Evidence.Step.of(extensionPoint, plugin, called));
  }

  /**
   * Adds a producer's call.
   *
   * @param degraded empty, or why its result is missing or worth less than it should be
   */
  void produced(
      String extensionPoint,
      Named<?> producer,
      long nanos,
      String degraded,
      Evidence.@Nullable Lookup lookup) {
    steps.add(
        new Evidence.Step(
            extensionPoint, producer.name(), producer.type(), nanos, degraded, lookup));
  }

  /** Endpoints that were kept from the scheduler because they fail; a few of them by name. */
  void avoided(Candidates all, Candidates eligible) {
    StringJoiner names = new StringJoiner(", ");
    int left = all.size() - eligible.size();
    int next = 0;
    for (int i = 0; i < all.size(); i++) {
      if (next < eligible.size() && eligible.get(next).slot() == all.get(i).slot()) {
        next++;
      } else if (names.length() < MAX_NAMES_LENGTH) {
        names.add(all.get(i).endpoint().id().name());
        left--;
      }
    }
    String avoided = "avoided " + names + (left > 0 ? " and " + left + " more" : "");
    steps.add(new Evidence.Step(HEALTH, HEALTH_TYPE, HEALTH_TYPE, 0, avoided));
  }

  /** What the request refers to is kept by one endpoint, so that only that one could answer. */
  void heldBy(Candidate holder) {
    String held = "kept by " + holder.endpoint().id().name();
    steps.add(new Evidence.Step(STORED, STORED_TYPE, STORED_TYPE, 0, held));
  }

  /** Adds a call of the profile handler. */
  void handlerCall(String extensionPoint, Named<?> handler, Called<?> called) {
    handlerCalls.add(Evidence.Step.of(extensionPoint, handler, called));
  }

  /**
   * May be called again when the first run came to nothing; the times add up.
   *
   * @param nanos counts as 1 when the clock did not move, since 0 means that nothing was scheduled
   */
  void scheduled(Verdict verdict, long nanos) {
    profiles = verdict.evidence();
    scheduleNanos += Math.max(1, nanos);
    if (verdict instanceof Verdict.Scheduled scheduled) {
      choice =
          new Evidence.Choice(
              scheduled.primaryProfile(), scheduled.primary().picks().get(0).endpoint());
    }
  }

  long elapsedNanos() {
    return nanoClock.getAsLong() - startedAt;
  }

  Evidence evidence() {
    return new Evidence(
        resolution,
        candidates,
        steps,
        handlerCalls,
        profiles,
        choice,
        scheduleNanos,
        elapsedNanos(),
        flow);
  }

  Reject reject(RequestLabels labels, Reason reason, String detail) {
    return reject(labels, reason, detail, 0);
  }

  Reject reject(RequestLabels labels, Reason reason, String detail, int retryAfterSeconds) {
    return new Reject(labels, reason, detail, evidence(), retryAfterSeconds);
  }
}
