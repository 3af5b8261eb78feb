package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.scheduling.handler.StageProfiles;
import ai.llmd.epp.traces.span.EndedSpans;
import ai.llmd.epp.traces.span.SpanWriter;

/**
 * A decision whose spans are queued: what they are made of, and nothing else of the decision. What
 * the client named is cut here already, so that the queue holds no more of it than is shown.
 *
 * @param model the one that the request goes to
 * @param refusal why the request was refused; empty when it was not
 * @param stages the profiles whose picks divide requests, as they were then
 * @param decidedAtNanos since 1970
 */
record DecidedSpans(
    Scopes scopes,
    RequestSpan request,
    String model,
    String requestId,
    int priority,
    Evidence evidence,
    String refusal,
    StageProfiles stages,
    long decidedAtNanos,
    int count)
    implements EndedSpans {

  static DecidedSpans of(
      RoutingDecision decision,
      Scopes scopes,
      RequestSpan request,
      StageProfiles stages,
      long decidedAtNanos) {
    Evidence evidence = decision.evidence();
    RequestLabels labels = labels(decision);
    return new DecidedSpans(
        scopes,
        request,
        SpanWriter.cut(labels.targetModel()),
        SpanWriter.cut(labels.requestId()),
        labels.priority(),
        evidence,
        decision instanceof Reject reject
            ? SpanWriter.cut(reject.reason() + " - " + reject.detail())
            : "",
        stages,
        decidedAtNanos,
        DecisionSpans.count(evidence));
  }

  private static RequestLabels labels(RoutingDecision decision) {
    return switch (decision) {
      case Route route -> route.labels();
      case Reject reject -> reject.labels();
    };
  }

  @Override
  public void writeTo(SpanWriter writer) {
    new DecisionSpans(new TraceWriter(writer, request.trace(), scopes), this).write();
  }
}
