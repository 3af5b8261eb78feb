package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.FlowEvidence;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import ai.llmd.epp.traces.RandomIds;
import ai.llmd.epp.traces.span.AttributeName;
import ai.llmd.epp.traces.span.SpanScope;
import ai.llmd.epp.traces.span.SpanWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The spans of one decision, made of its evidence. That holds how long each step took, and not when
 * it began: the steps are laid one behind the other, from the begin of the decision, so that what
 * passed between them appears at the end. Used once; times are in nanoseconds since 1970.
 */
final class DecisionSpans {

  private static final String PLUGIN = "llm_d.epp.plugin.";
  private static final AttributeName TARGET_MODEL = AttributeName.of("target_model");
  private static final AttributeName PRIORITY = AttributeName.of("request_prio");
  private static final AttributeName PLUGIN_NAME = AttributeName.of(PLUGIN + "name");
  private static final AttributeName PLUGIN_TYPE = AttributeName.of(PLUGIN + "type");
  private static final AttributeName DEGRADED = AttributeName.of(PLUGIN + "degraded");
  private static final AttributeName PRODUCER_CANDIDATES =
      AttributeName.of("llm_d.epp.producer.candidate_endpoints");
  private static final String FLOW = "llm_d.epp.flow_control.";
  private static final AttributeName FLOW_OUTCOME = AttributeName.of(FLOW + "outcome");
  private static final AttributeName FLOW_PRIORITY = AttributeName.of(FLOW + "priority");
  private static final AttributeName FLOW_SATURATION = AttributeName.of(FLOW + "pool_saturation");
  private static final String PRE_REQUEST = "PreRequest";
  private static final String REQUEST_STAGE = "RequestDataProducer";

  private final TraceWriter spans;
  private final DecidedSpans decided;
  private final Evidence evidence;
  private final long orchestration = RandomIds.spanId();
  private final List<Note> notes = new ArrayList<>(0);
  private long now;

  /** What the picker itself noted of a step; an event. */
  private record Note(String name, String degraded, long atNanos) {}

  DecisionSpans(TraceWriter spans, DecidedSpans decided) {
    this.spans = spans;
    this.decided = decided;
    this.evidence = decided.evidence();
    this.now = decided.decidedAtNanos() - evidence.totalNanos();
  }

  /** How many spans show this. */
  static int count(Evidence evidence) {
    int count = 1;
    for (Evidence.Step step : evidence.steps()) {
      if (isCall(step)) {
        count += PrefixSpans.isOf(step) && step.lookup() != null ? 2 : 1;
      }
    }
    for (Evidence.Step call : evidence.handlerCalls()) {
      count += DisaggregationSpans.spanOf(call) == null ? 0 : 1;
    }
    for (ProfileEvidence run : evidence.profiles()) {
      count += SchedulingSpans.count(run);
    }
    return count + (isQueued(evidence.flow()) ? 1 : 0);
  }

  private static boolean isCall(Evidence.Step step) {
    return step.nanos() != 0;
  }

  private static boolean isQueued(@Nullable FlowEvidence flow) {
    return flow != null && flow.isQueued();
  }

  void write() {
    long begin = now;
    steps();
    SpanWriter span =
        spans
            .begin(
                spans.scopes().requestControl(),
                "gateway.request_orchestration",
                orchestration,
                decided.request().id(),
                begin,
                decided.decidedAtNanos())
            .attribute(TARGET_MODEL, decided.model())
            .attribute(PRIORITY, decided.priority());
    for (Note note : notes) {
      span.event(note.name(), note.atNanos()).attribute(DEGRADED, note.degraded());
    }
    if (!decided.refusal().isEmpty()) {
      span.failed(decided.refusal());
    }
    span.end();
  }

  private void steps() {
    List<Evidence.Step> steps = evidence.steps();
    int next = 0;
    while (next < steps.size() && isBeforeAdmission(steps.get(next))) {
      step(steps.get(next++));
    }
    queue(evidence.flow());
    while (next < steps.size() && !steps.get(next).extensionPoint().equals(PRE_REQUEST)) {
      step(steps.get(next++));
    }
    profiles();
    while (next < steps.size()) {
      step(steps.get(next++));
    }
  }

  private static boolean isBeforeAdmission(Evidence.Step step) {
    return step.extensionPoint().equals("RequestHeader")
        || step.extensionPoint().equals(REQUEST_STAGE);
  }

  /** Time in a queue is the longest wait that a request may have. */
  private void queue(@Nullable FlowEvidence flow) {
    if (flow == null || !isQueued(flow)) {
      return;
    }
    long begin = now;
    now += flow.waitedNanos();
    begin(
            spans.scopes().requestControl(),
            "llm_d.epp.flow_control.queue",
            RandomIds.spanId(),
            begin)
        .attribute(FLOW_OUTCOME, flow.outcome())
        .attribute(FLOW_PRIORITY, flow.band())
        .attribute(FLOW_SATURATION, flow.saturation())
        .end();
  }

  /** Begins a span of the orchestration that ends now. */
  private SpanWriter begin(SpanScope scope, String name, long id, long startNanos) {
    return spans.begin(scope, name, id, orchestration, startNanos, now);
  }

  private void step(Evidence.Step step) {
    if (!isCall(step)) {
      notes.add(new Note(step.extensionPoint(), step.degraded(), now));
      return;
    }
    long id = RandomIds.spanId();
    long begin = now;
    now += step.nanos();
    if (PrefixSpans.isOf(step)) {
      PrefixSpans.writeLookup(spans, id, step, evidence.candidates(), begin);
    }
    SpanWriter span = begin(step, id, begin);
    if (!step.degraded().isEmpty()) {
      span.attribute(DEGRADED, step.degraded());
    }
    if (step.extensionPoint().equals("DataProducer")) {
      span.attribute(PRODUCER_CANDIDATES, evidence.candidates());
    }
    span.attribute(PLUGIN_NAME, step.name()).attribute(PLUGIN_TYPE, step.type());
    if (DisaggregationSpans.isOfHeaders(step)) {
      DisaggregationSpans.describe(span, evidence, decided.stages());
    }
    if (PrefixSpans.isOf(step)) {
      PrefixSpans.describe(span, step);
    }
    span.end();
  }

  /** The reference's name where it has one. */
  private SpanWriter begin(Evidence.Step step, long id, long startNanos) {
    Scopes scopes = spans.scopes();
    if (PrefixSpans.isOf(step)) {
      return SchedulingSpans.of(
          begin(scopes.producers(), "produce_precise_prefix_cache", id, startNanos), decided);
    }
    if (step.type().equals("token-producer")) {
      return SchedulingSpans.of(begin(scopes.producers(), "tokenize", id, startNanos), decided);
    }
    return DisaggregationSpans.isOfHeaders(step)
        ? begin(scopes.plugins(), "prepare_disaggregation", id, startNanos)
        : begin(
            scopes.producers(),
            SpanNames.ofStep(step.extensionPoint(), step.type()),
            id,
            startNanos);
  }

  private void profiles() {
    List<ProfileEvidence> profiles = evidence.profiles();
    var scheduling = new SchedulingSpans(spans, orchestration, decided);
    int picked = 0;
    for (Evidence.Step call : evidence.handlerCalls()) {
      DisaggregationSpans.pick(spans, orchestration, call, picked, decided, now);
      now += call.nanos();
      if (call.extensionPoint().equals(DisaggregationSpans.PICK) && picked < profiles.size()) {
        now = scheduling.write(profiles.get(picked++), now);
      }
    }
    while (picked < profiles.size()) {
      now = scheduling.write(profiles.get(picked++), now);
    }
  }
}
