package ai.llmd.epp.application.latency;

import ai.llmd.epp.application.latency.LatencyObserver.Outcome;
import ai.llmd.epp.domain.latency.LatencyRow;
import ai.llmd.epp.domain.objective.LatencyObjectives;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Termination;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures one request, and has it learned from. Errors and responses that end early are not: how
 * fast they come says nothing of how long an answer takes. The request's stream calls.
 */
final class FollowedRequest implements ResponseObserver {

  private static final double NANOS_PER_MILLI = 1e6;

  private final Sent sent;
  private final LatencyLessons lessons;
  private final boolean isStreamingMode;
  private final Consumer<Outcome> ended;
  private final @Nullable RunningRequests on;
  private final RunningRequests.@Nullable Running running;
  private final @Nullable PromptLine line;
  private final PromptLine.@Nullable Place place;
  private final LongSupplier nanoClock;
  private final long sentAt;
  private boolean isAnswer;
  private boolean isEventStream;
  private boolean isOver;
  private double ttftMillis = Double.NaN;

  /**
   * What was known when the request was sent.
   *
   * @param computing the endpoint that computes the prompt
   * @param answering the endpoint that answers
   * @param predictedTtft in milliseconds; NaN when nothing was predicted
   * @param predictedTpot in milliseconds; NaN when nothing was predicted
   */
  record Sent(
      EndpointId computing,
      LatencyRow ttftRow,
      EndpointId answering,
      LatencyRow tpotRow,
      LatencyObjectives objectives,
      double predictedTtft,
      double predictedTpot,
      double predictingMillis) {}

  FollowedRequest(
      Sent sent,
      LatencyLessons lessons,
      boolean isStreamingMode,
      Consumer<Outcome> ended,
      @Nullable RunningRequests on,
      @Nullable PromptLine line,
      LongSupplier nanoClock) {
    this.sent = sent;
    this.lessons = lessons;
    this.isStreamingMode = isStreamingMode;
    this.ended = ended;
    this.on = on;
    this.running = on == null ? null : on.add(sent.objectives().tpotMillis());
    this.nanoClock = nanoClock;
    this.sentAt = nanoClock.getAsLong();
    this.line = line;
    this.place = line == null || !isStreamingMode ? null : line.enter(sentAt);
  }

  @Override
  public void onHeaders(ResponseHead head) {
    String status = head.header(":status");
    String type = head.header("content-type");
    isAnswer = status == null || status.startsWith("2");
    isEventStream = type != null && type.toLowerCase(Locale.ROOT).contains("text/event-stream");
  }

  @Override
  public void onFirstBytes() {
    leaveLine();
    if (isStreamingMode && isAnswer && isEventStream) {
      learnTtft();
    }
  }

  private void leaveLine() {
    if (line != null && place != null) {
      line.leave(place, nanoClock.getAsLong());
    }
  }

  private void learnTtft() {
    ttftMillis = elapsedMillis();
    lessons.ttft(sent.computing(), sent.ttftRow(), ttftMillis);
  }

  private double elapsedMillis() {
    return (nanoClock.getAsLong() - sentAt) / NANOS_PER_MILLI;
  }

  @Override
  public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
    if (isOver) {
      return Map.of();
    }
    isOver = true;
    leaveLine();
    if (on != null && running != null) {
      on.remove(running);
    }
    boolean isWhole = isAnswer && summary.termination() == Termination.NATURAL;
    if (isWhole && !isStreamingMode) {
      learnTtft();
    }
    double tpotMillis = isWhole && isStreamingMode ? tpotMillis(summary) : Double.NaN;
    if (tpotMillis > 0) {
      lessons.tpot(sent.answering(), sent.tpotRow().generated(0), tpotMillis);
    }
    ended.accept(outcome(tpotMillis));
    return Map.of();
  }

  private double tpotMillis(ResponseSummary summary) {
    long counted = summary.usage().completionTokens();
    long tokens = counted > 0 ? counted : summary.streamedEvents();
    return tokens > 1 ? (elapsedMillis() - ttftMillis) / (tokens - 1) : Double.NaN;
  }

  private Outcome outcome(double tpotMillis) {
    LatencyObjectives objectives = sent.objectives();
    return new Outcome(
        ttftMillis,
        sent.predictedTtft(),
        tpotMillis,
        sent.predictedTpot(),
        sent.predictingMillis(),
        objectives.ttftMillis() > 0 && ttftMillis > objectives.ttftMillis(),
        objectives.tpotMillis() > 0 && tpotMillis > objectives.tpotMillis());
  }
}
