package ai.llmd.epp.application.latency;

import ai.llmd.epp.application.members.ByMember;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.latency.LatencyModel;
import ai.llmd.epp.domain.latency.LatencyRow;
import ai.llmd.epp.domain.latency.LearnedLatencies;
import ai.llmd.epp.domain.objective.LatencyObjectives;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Predicts how long each candidate would take to the first token and for each further one, and how
 * that compares with the objectives in the request's headers ({@code x-llm-d-slo-ttft-ms}, {@code
 * x-llm-d-slo-tpot-ms}).
 *
 * <p>Learns in this process from every response that it sees ({@link LearnedLatencies}); no request
 * waits for it. Until some have been seen nothing is predicted. An objective that is not set counts
 * as 0, which no time keeps, as in the reference.
 */
public final class PredictedLatencyProducer implements Producer, PreRequest, PoolObserver {

  public static final PluginType<PredictedLatencyParameters> TYPE =
      PluginType.withContext(
              LatencyPredictions.DEFAULT_PRODUCER,
              PredictedLatencyParameters.DEFAULT,
              (parameters, context) ->
                  new PredictedLatencyProducer(
                      context.name(),
                      parameters,
                      new LearnedLatencies(),
                      context.service(LatencyObserver.class),
                      context.service(LongSupplier.class)))
          .producingByDefault(
              LatencyPredictions.key(LatencyPredictions.DEFAULT_PRODUCER).toString());

  private static final String PREFILL = "prefill"; // profile and role
  private static final double NANOS_PER_MILLI = 1e6;

  private final String name;
  private final PredictedLatencyParameters parameters;
  private final LatencyRows rows;
  private final LearnedLatencies learned;
  private final LatencyObserver observer;
  private final LongSupplier nanoClock;
  private final FactKey<LatencyPredictions> key;
  private final FactKey<Context> contextKey;
  private final ByMember<RunningRequests> running = new ByMember<>(RunningRequests::endpoint);

  /**
   * What was found out before a request was scheduled, by slot.
   *
   * @param predictions null where nothing is predicted
   */
  @SuppressWarnings("ArrayRecordComponent") // by slot, filled once and only read
  private record Context(
      @Nullable LatencyRow[] rows,
      @Nullable Prediction[] predictions,
      LatencyObjectives objectives,
      double predictingMillis) {

    double predicted(int slot, boolean isTtft) {
      Prediction prediction = slot < predictions.length ? predictions[slot] : null;
      if (prediction == null) {
        return Double.NaN;
      }
      double millis = isTtft ? prediction.ttftMillis() : prediction.tpotMillis();
      return millis > 0 ? millis : Double.NaN; // 0: such a time has not been observed yet
    }

    @Nullable LatencyRow row(int slot) {
      return slot < rows.length ? rows[slot] : null;
    }
  }

  /**
   * @param name instance name, under which the fact is put
   * @param nanoClock as {@link System#nanoTime()}
   */
  public PredictedLatencyProducer(
      String name,
      PredictedLatencyParameters parameters,
      LearnedLatencies learned,
      LatencyObserver observer,
      LongSupplier nanoClock) {
    this.name = name;
    this.parameters = parameters;
    this.rows = new LatencyRows(parameters);
    this.learned = learned;
    this.observer = observer;
    this.nanoClock = nanoClock;
    this.key = LatencyPredictions.key(name);
    this.contextKey = new FactKey<>("LatencyContext", name, Context.class);
  }

  @Override
  public Set<FactKey<?>> requires() {
    return rows.required();
  }

  @Override
  public Set<FactKey<?>> produces() {
    return Set.of(key);
  }

  @Override
  public Produced produce(SchedulingCycle cycle) {
    long startedAt = nanoClock.getAsLong();
    Candidates candidates = cycle.candidates();
    LatencyObjectives objectives = LatencyObjectives.of(cycle.request().headers());
    LatencyRows.OfRequest ofRequest = rows.new OfRequest(cycle.facts());
    @Nullable LatencyRow[] bySlot = new LatencyRow[candidates.slotCount()];
    @Nullable Prediction[] predictions = new Prediction[candidates.slotCount()];
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      LatencyRow row = ofRequest.row(candidate);
      bySlot[candidate.slot()] = row;
      if (parameters.predictInProduce()) {
        predictions[candidate.slot()] = prediction(candidate, row, objectives);
      }
    }
    double millis = (nanoClock.getAsLong() - startedAt) / NANOS_PER_MILLI;
    cycle.facts().put(contextKey, new Context(bySlot, predictions, objectives, millis));
    if (parameters.predictInProduce()) {
      cycle.facts().put(key, new LatencyPredictions(predictions));
    }
    return Produced.NOW;
  }

  private @Nullable Prediction prediction(
      Candidate candidate, LatencyRow row, LatencyObjectives objectives) {
    LatencyModel model = learned.of(candidate.endpoint().id());
    if (model == null) {
      return null;
    }
    double ttft = model.ttftMillis(row);
    double tpot = model.tpotMillis(row);
    double ttftHeadroom = objectives.ttftMillis() - ttft;
    RunningRequests now = running.of(candidate);
    int dispatched = now == null ? 0 : now.count();
    if (!parameters.streamingMode() || rows.role(candidate).equals(PREFILL)) {
      return new Prediction(ttftHeadroom > 0, true, ttftHeadroom, 0, ttft, tpot, dispatched);
    }
    double tpotHeadroom = buffered(objectives, now) - tpot;
    return new Prediction(
        ttftHeadroom > 0, tpotHeadroom > 0, ttftHeadroom, tpotHeadroom, ttft, tpot, dispatched);
  }

  /** The strictest of the request's own objective and those of the requests that already run. */
  private double buffered(LatencyObjectives objectives, @Nullable RunningRequests now) {
    double own = objectives.tpotMillis();
    double least = now == null ? 0 : now.leastTpotMillis();
    return (least > 0 ? Math.min(own, least) : own) * parameters.sloBufferFactor();
  }

  @Override
  public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
    Context context = routed.facts().get(contextKey);
    if (context == null) {
      return null;
    }
    Candidate primary = routed.primary().picks().get(0);
    Candidate computing =
        routed.results().find(PREFILL).map(PredictedLatencyProducer::target).orElse(primary);
    LatencyRow ttftRow = context.row(computing.slot());
    LatencyRow tpotRow = context.row(primary.slot());
    if (ttftRow == null || tpotRow == null) {
      return null;
    }
    return new FollowedRequest(
        new FollowedRequest.Sent(
            computing.endpoint().id(),
            ttftRow,
            primary.endpoint().id(),
            tpotRow,
            context.objectives(),
            context.predicted(computing.slot(), true),
            context.predicted(primary.slot(), false),
            context.predictingMillis()),
        learned,
        parameters.streamingMode(),
        outcome -> observer.ended(name, RequestLabels.of(routed.request()), outcome),
        running.of(primary),
        nanoClock);
  }

  private static Candidate target(ProfileResult result) {
    return result.picks().get(0);
  }

  @Override
  public void added(EndpointState endpoint) {
    running.add(new RunningRequests(endpoint));
    learned.follow(endpoint.endpoint().id());
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    running.remove(endpoint);
    learned.forget(endpoint.endpoint().id());
    released.run();
  }
}
