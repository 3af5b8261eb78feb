package ai.llmd.epp.application.latency;

import ai.llmd.epp.application.latency.LatencyServers.Times;
import ai.llmd.epp.application.members.ByMember;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.latency.LatencyModel;
import ai.llmd.epp.domain.latency.LatencyRow;
import ai.llmd.epp.domain.objective.LatencyObjectives;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.state.SharedState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Predicts how long each candidate would take to the first token and for each further one, and how
 * that compares with the objectives in the request's headers ({@code x-llm-d-slo-ttft-ms}, {@code
 * x-llm-d-slo-tpot-ms}).
 *
 * <p>Learns in this process from every response that it sees, and from what other replicas have
 * observed ({@link ai.llmd.epp.domain.latency.LearnedLatencies}); no request waits for it. Until
 * some have been seen nothing is predicted. Where the environment names prediction servers ({@code
 * PREDICTION_SERVER_URL}), they are asked, and a training server is given what was observed; while
 * they do not answer usefully the times are those that were learned here. An objective that is not
 * set counts as 0, which no time keeps, as in the reference.
 */
public final class PredictedLatencyProducer
    implements Producer, PreRequest, PoolObserver, AutoCloseable {

  public static final PluginType<PredictedLatencyParameters> TYPE =
      PluginType.withContext(
              LatencyPredictions.DEFAULT_PRODUCER,
              PredictedLatencyParameters.DEFAULT,
              (parameters, context) ->
                  new PredictedLatencyProducer(
                      context.name(),
                      parameters,
                      new LatencyLessons(
                          context
                              .service(SharedState.class)
                              .latencies(context.name(), parameters.streamingMode()),
                          context.service(LatencyServers.Source.class).open()),
                      context.service(LatencyObserver.class),
                      context.service(LongSupplier.class)))
          .producingByDefault(
              LatencyPredictions.key(LatencyPredictions.DEFAULT_PRODUCER).toString());

  private static final String PREFILL = "prefill"; // profile and role
  private static final double NANOS_PER_MILLI = 1e6;

  /**
   * How long servers are waited for; less than the step's budget, so that a slow one costs no other
   * step its facts.
   */
  private static final Duration PATIENCE = Duration.ofMillis(300);

  private final String name;
  private final PredictedLatencyParameters parameters;
  private final LatencyRows rows;
  private final LatencyLessons lessons;
  private final LatencyObserver observer;
  private final LongSupplier nanoClock;
  private final FactKey<LatencyPredictions> key;
  private final FactKey<Context> contextKey;
  private final ByMember<RunningRequests> running = new ByMember<>(RunningRequests::endpoint);
  private final ByMember<PromptLine> lines = new ByMember<>(PromptLine::endpoint);

  /** What times are predicted for. */
  @SuppressWarnings("ArrayRecordComponent") // by slot, filled once and only read
  private record Question(
      Candidates candidates,
      @Nullable LatencyRow[] bySlot,
      LatencyObjectives objectives,
      long startedAt) {

    LatencyRow row(Candidate candidate) {
      return Objects.requireNonNull(bySlot[candidate.slot()], "it has been put");
    }
  }

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
  PredictedLatencyProducer(
      String name,
      PredictedLatencyParameters parameters,
      LatencyLessons lessons,
      LatencyObserver observer,
      LongSupplier nanoClock) {
    this.name = name;
    this.parameters = parameters;
    this.rows = new LatencyRows(parameters);
    this.lessons = lessons;
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
    LatencyRows.OfRequest ofRequest = rows.new OfRequest(cycle.facts());
    @Nullable LatencyRow[] bySlot = new LatencyRow[candidates.slotCount()];
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      PromptLine line = lines.of(candidate);
      bySlot[candidate.slot()] =
          ofRequest.row(candidate, line == null ? 0 : line.computingMillis(startedAt));
    }
    Question question =
        new Question(
            candidates, bySlot, LatencyObjectives.of(cycle.request().headers()), startedAt);
    put(cycle.facts(), question, learned(question));
    return parameters.predictInProduce() && isServerAsked(candidates.size())
        ? new Produced.Later(() -> ask(question))
        : Produced.NOW;
  }

  private boolean isServerAsked(int count) {
    LatencyServers servers = lessons.servers();
    if (servers == null) {
      return false;
    }
    if (servers.isWorthAsking(count)) {
      return true;
    }
    observer.predictedInProcess(name);
    return false;
  }

  private void put(Facts facts, Question question, @Nullable Prediction[] predictions) {
    double millis = (nanoClock.getAsLong() - question.startedAt()) / NANOS_PER_MILLI;
    facts.put(
        contextKey, new Context(question.bySlot(), predictions, question.objectives(), millis));
    if (parameters.predictInProduce()) {
      facts.put(key, new LatencyPredictions(predictions));
    }
  }

  /** What this process's own models predict. */
  private @Nullable Prediction[] learned(Question question) {
    @Nullable Prediction[] predictions = new Prediction[question.bySlot().length];
    for (int i = 0; parameters.predictInProduce() && i < question.candidates().size(); i++) {
      Candidate candidate = question.candidates().get(i);
      LatencyModel model = lessons.learned().of(candidate.endpoint().id());
      if (model != null) {
        LatencyRow row = question.row(candidate);
        Times times = new Times(model.ttftMillis(row), model.tpotMillis(row));
        predictions[candidate.slot()] = prediction(candidate, times, question.objectives());
      }
    }
    return predictions;
  }

  /** What the servers predict; no facts when they do not, so that those that were put stay. */
  private Facts ask(Question question) throws InterruptedException {
    Facts facts = new Facts();
    List<LatencyRow> asked = new ArrayList<>(question.candidates().size());
    for (Candidate candidate : question.candidates()) {
      asked.add(question.row(candidate));
    }
    try {
      LatencyServers servers = Objects.requireNonNull(lessons.servers());
      List<Times> times = servers.predict(asked, PATIENCE);
      @Nullable Prediction[] predictions = new Prediction[question.bySlot().length];
      for (int i = 0; i < times.size(); i++) {
        Candidate candidate = question.candidates().get(i);
        predictions[candidate.slot()] = prediction(candidate, times.get(i), question.objectives());
      }
      put(facts, question, predictions);
    } catch (WithoutResultException e) {
      observer.predictedInProcess(name);
    }
    return facts;
  }

  private Prediction prediction(Candidate candidate, Times times, LatencyObjectives objectives) {
    double ttft = times.ttftMillis();
    double tpot = times.tpotMillis();
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
        lessons,
        parameters.streamingMode(),
        outcome -> observer.ended(name, RequestLabels.of(routed.request()), outcome),
        running.of(primary),
        lines.of(computing),
        nanoClock);
  }

  private static Candidate target(ProfileResult result) {
    return result.picks().get(0);
  }

  /**
   * Requests with predicted times that an endpoint is answering.
   *
   * @param leastTpotMillis the strictest objective for further tokens, in milliseconds; 0 when some
   *     request has none, or none runs
   */
  public record Load(EndpointId endpoint, int requests, double leastTpotMillis) {}

  /** What each endpoint of the pool is answering, in no order. Any thread. */
  public List<Load> running() {
    List<Load> loads = new ArrayList<>();
    for (int slot = 0; slot < running.slotCount(); slot++) {
      RunningRequests now = running.at(slot);
      if (now != null) {
        EndpointId endpoint = now.endpoint().endpoint().id();
        loads.add(new Load(endpoint, now.count(), now.leastTpotMillis()));
      }
    }
    return loads;
  }

  @Override
  public void added(EndpointState endpoint) {
    running.add(new RunningRequests(endpoint));
    lines.add(new PromptLine(endpoint));
    lessons.learned().follow(endpoint.endpoint().id());
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    running.remove(endpoint);
    lines.remove(endpoint);
    lessons.learned().forget(endpoint.endpoint().id());
    released.run();
  }

  @Override
  public void close() {
    if (lessons.servers() != null) {
      lessons.servers().close();
    }
  }
}
