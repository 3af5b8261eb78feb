package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.FlowEvidence;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.StatusCode;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The spans of one decision, made of its evidence. That holds how long each step took, and not when
 * it began: the steps are laid one behind the other, from the begin of the decision, so that what
 * passed between them appears at the end. Used once; times are in nanoseconds since 1970.
 */
final class DecisionSpans {

  private static final String PLUGIN = "llm_d.epp.plugin.";
  private static final AttributeKey<String> TARGET_MODEL = AttributeKey.stringKey("target_model");
  private static final AttributeKey<Long> PRIORITY = AttributeKey.longKey("request_prio");
  private static final AttributeKey<String> PLUGIN_NAME = AttributeKey.stringKey(PLUGIN + "name");
  private static final AttributeKey<String> PLUGIN_TYPE = AttributeKey.stringKey(PLUGIN + "type");
  private static final AttributeKey<String> DEGRADED = AttributeKey.stringKey(PLUGIN + "degraded");
  private static final AttributeKey<Long> PRODUCER_CANDIDATES =
      AttributeKey.longKey("llm_d.epp.producer.candidate_endpoints");
  private static final String FLOW = "llm_d.epp.flow_control.";
  private static final AttributeKey<String> FLOW_OUTCOME = AttributeKey.stringKey(FLOW + "outcome");
  private static final AttributeKey<Long> FLOW_PRIORITY = AttributeKey.longKey(FLOW + "priority");
  private static final AttributeKey<Double> FLOW_SATURATION =
      AttributeKey.doubleKey(FLOW + "pool_saturation");
  private static final String PRE_REQUEST = "PreRequest";
  private static final String REQUEST_STAGE = "RequestDataProducer";

  private final Spans spans;
  private final Span request;
  private long now;

  /**
   * @param request the span that they belong to
   */
  DecisionSpans(Spans spans, Span request) {
    this.spans = spans;
    this.request = request;
  }

  void add(RoutingDecision decision, long decidedAtNanos) {
    Evidence evidence = decision.evidence();
    RequestLabels labels = labels(decision);
    now = decidedAtNanos - evidence.totalNanos();
    Span orchestration =
        Spans.within(request, spans.requestControl(), "gateway.request_orchestration", now)
            .setAttribute(TARGET_MODEL, labels.targetModel())
            .setAttribute(PRIORITY, (long) labels.priority())
            .startSpan();
    steps(orchestration, evidence, labels);
    if (decision instanceof Reject reject) {
      orchestration.setStatus(StatusCode.ERROR, reject.reason() + " - " + reject.detail());
    }
    Spans.end(orchestration, decidedAtNanos);
  }

  private static RequestLabels labels(RoutingDecision decision) {
    return switch (decision) {
      case Route route -> route.labels();
      case Reject reject -> reject.labels();
    };
  }

  private void steps(Span orchestration, Evidence evidence, RequestLabels labels) {
    List<Evidence.Step> steps = evidence.steps();
    int next = 0;
    while (next < steps.size() && isBeforeAdmission(steps.get(next))) {
      step(orchestration, steps.get(next++), evidence, labels);
    }
    queue(orchestration, evidence.flow());
    while (next < steps.size() && !steps.get(next).extensionPoint().equals(PRE_REQUEST)) {
      step(orchestration, steps.get(next++), evidence, labels);
    }
    profiles(orchestration, evidence, labels);
    while (next < steps.size()) {
      step(orchestration, steps.get(next++), evidence, labels);
    }
  }

  private static boolean isBeforeAdmission(Evidence.Step step) {
    return step.extensionPoint().equals("RequestHeader")
        || step.extensionPoint().equals(REQUEST_STAGE);
  }

  /** Time in a queue is the longest wait that a request may have. */
  private void queue(Span orchestration, @Nullable FlowEvidence flow) {
    if (flow == null || !flow.isQueued()) {
      return;
    }
    Span queued =
        Spans.within(orchestration, spans.requestControl(), "llm_d.epp.flow_control.queue", now)
            .setAttribute(FLOW_OUTCOME, flow.outcome())
            .setAttribute(FLOW_PRIORITY, (long) flow.band())
            .setAttribute(FLOW_SATURATION, flow.saturation())
            .startSpan();
    now += flow.waitedNanos();
    Spans.end(queued, now);
  }

  private void step(
      Span orchestration, Evidence.Step step, Evidence evidence, RequestLabels labels) {
    if (step.nanos() == 0) { // no call: what the picker itself notes
      orchestration.addEvent(
          step.extensionPoint(),
          Attributes.of(DEGRADED, step.degraded()),
          now,
          TimeUnit.NANOSECONDS);
      return;
    }
    SpanBuilder builder = begin(orchestration, step, labels);
    if (!step.degraded().isEmpty()) {
      builder.setAttribute(DEGRADED, step.degraded());
    }
    if (step.extensionPoint().equals("DataProducer")) {
      builder.setAttribute(PRODUCER_CANDIDATES, (long) evidence.candidates());
    }
    Span span =
        builder
            .setAttribute(PLUGIN_NAME, step.name())
            .setAttribute(PLUGIN_TYPE, step.type())
            .startSpan();
    if (DisaggregationSpans.isOfHeaders(step)) {
      DisaggregationSpans.describe(span, evidence, spans.stages().get());
    }
    if (PrefixSpans.isOf(step)) {
      PrefixSpans.describe(span, spans, step, evidence.candidates(), now);
    }
    now += step.nanos();
    Spans.end(span, now);
  }

  /** The reference's name where it has one. */
  private SpanBuilder begin(Span orchestration, Evidence.Step step, RequestLabels labels) {
    if (PrefixSpans.isOf(step)) {
      return SchedulingSpans.of(
          Spans.within(orchestration, spans.producers(), "produce_precise_prefix_cache", now),
          labels);
    }
    return switch (step.type()) {
      case "token-producer" ->
          SchedulingSpans.of(
              Spans.within(orchestration, spans.producers(), "tokenize", now), labels);
      default ->
          DisaggregationSpans.isOfHeaders(step)
              ? Spans.within(orchestration, spans.plugins(), "prepare_disaggregation", now)
              : Spans.within(
                  orchestration,
                  spans.producers(),
                  "llm_d.epp." + snakeCase(step.extensionPoint()) + '.' + step.type(),
                  now);
    };
  }

  /** {@code data_producer} of {@code DataProducer}. */
  private static String snakeCase(String extensionPoint) {
    StringBuilder name = new StringBuilder(extensionPoint.length() + 4);
    for (int i = 0; i < extensionPoint.length(); i++) {
      char c = extensionPoint.charAt(i);
      boolean isUpper = c >= 'A' && c <= 'Z';
      if (isUpper && i > 0 && Character.isLowerCase(extensionPoint.charAt(i - 1))) {
        name.append('_');
      }
      name.append(isUpper ? (char) (c + ('a' - 'A')) : c);
    }
    return name.toString();
  }

  private void profiles(Span orchestration, Evidence evidence, RequestLabels labels) {
    List<ProfileEvidence> profiles = evidence.profiles();
    var scheduling = new SchedulingSpans(spans, orchestration, labels);
    int picked = 0;
    for (Evidence.Step call : evidence.handlerCalls()) {
      now = DisaggregationSpans.pick(orchestration, spans, call, picked, profiles, now);
      if (call.extensionPoint().equals(DisaggregationSpans.PICK) && picked < profiles.size()) {
        now = scheduling.add(profiles.get(picked++), now);
      }
    }
    while (picked < profiles.size()) {
      now = scheduling.add(profiles.get(picked++), now);
    }
  }
}
