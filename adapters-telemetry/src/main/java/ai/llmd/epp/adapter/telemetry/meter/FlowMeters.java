package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.Buckets;
import ai.llmd.epp.adapter.telemetry.series.DeprecatedTwin;
import ai.llmd.epp.adapter.telemetry.series.Distribution;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits.RequestKey;
import ai.llmd.epp.adapter.telemetry.series.LabelledSeries;
import ai.llmd.epp.adapter.telemetry.series.NameLimit;
import ai.llmd.epp.application.flow.FlowFigures;
import ai.llmd.epp.application.port.out.FlowObserver;
import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.flow.FlowQueues.Fill;
import ai.llmd.epp.domain.routing.RequestLabels;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Counts and times what flow control does, and shows how full queues and pool are at each scrape.
 * Any thread.
 *
 * <p>The series of a flow go when none of its requests has come for five minutes; those of the
 * flows that share the label {@code other} stay.
 */
public final class FlowMeters implements FlowObserver, LabelledSeries {

  private static final String PREFIX = "llm_d_epp_flow_control_";
  private static final String OLD_PREFIX = "inference_extension_flow_control_";
  private static final long IDLE_NANOS = 300_000_000_000L;
  private static final long LOG_EVERY_NANOS = 1_000_000_000L;
  private static final long WARN_EVERY_NANOS = 30_000_000_000L;
  private static final Logger log = LoggerFactory.getLogger(FlowMeters.class);
  private static final String[] FLOW_LABELS = {
    "fairness_id", "priority", "inference_pool", "model_name", "target_model_name"
  };

  private static final String[] WAIT_LABELS = {
    "fairness_id", "priority", "outcome", "inference_pool", "model_name", "target_model_name"
  };
  private static final String[] ENQUEUE_LABELS = {"fairness_id", "priority", "outcome"};

  /** What is shown of the requests of one flow and model. */
  private static final class FlowSeries {

    final LongAdder requests = new LongAdder();
    final LongAdder bytes = new LongAdder();
    volatile long lastUsedAt;
    volatile int band; // that its requests went through last
  }

  /** A flow as its timed series show it, whatever the model. */
  private record ShownFlow(String fairnessId, int priority) {

    static ShownFlow of(RequestKey key) {
      return new ShownFlow(key.fairnessId(), key.priority());
    }
  }

  /** A histogram's series of a flow, by outcome. */
  private record TimedKey(RequestKey labels, FlowOutcome outcome) {}

  private final PrometheusRegistry registry;
  private final LabelLimits limits;
  private final String pool;
  private final LongSupplier nanoClock;
  private final Map<RequestKey, FlowSeries> flows = new ConcurrentHashMap<>(); // bounded by limits
  private final Map<TimedKey, Distribution.Series> waits = new ConcurrentHashMap<>();
  private final Map<TimedKey, Distribution.Series> enqueues = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> drops = new ConcurrentHashMap<>();
  private final AtomicLong loggedAt;
  private final AtomicLong warnedAt;
  private final AtomicLong sweptAt;
  private final Distribution queueDuration;
  private final Distribution enqueueDuration;
  private final Distribution.Series cycles;
  private final Counter outcomes;
  private final Counter issued;
  private final Counter revocations;
  private final Distribution.Series confirmations;

  /**
   * @param pool name of the pool
   * @param nanoClock as {@link System#nanoTime()}
   */
  public FlowMeters(
      PrometheusRegistry registry, LabelLimits limits, String pool, LongSupplier nanoClock) {
    this.registry = registry;
    this.limits = limits;
    this.pool = pool;
    this.nanoClock = nanoClock;
    this.sweptAt = new AtomicLong(nanoClock.getAsLong());
    this.loggedAt = new AtomicLong(nanoClock.getAsLong() - LOG_EVERY_NANOS);
    this.warnedAt = new AtomicLong(nanoClock.getAsLong() - WARN_EVERY_NANOS);
    queueDuration =
        timed(
            "request_queue_duration_seconds",
            "Time in the queues.",
            Buckets.QUEUE_WAIT,
            WAIT_LABELS);
    enqueueDuration =
        timed(
            "request_enqueue_duration_seconds",
            "Time to put a request into its queue.",
            Buckets.FAST,
            ENQUEUE_LABELS);
    cycles = timed("dispatch_cycle_duration_seconds", "Time of a cycle.", Buckets.FAST).with();
    flowGauge("queue_size", "Requests in flow control.", series -> (double) series.requests.sum());
    flowGauge("queue_bytes", "Bytes of their bodies.", series -> (double) series.bytes.sum());
    outcomes =
        counter(
            "requests_total",
            "Requests by what became of them.",
            "outcome",
            "priority",
            "inference_pool");
    issued =
        counter(
            "revocations_issued_total",
            "Running requests that were evicted, by the priority that needed room.",
            "priority",
            "inference_pool");
    revocations =
        counter("revocations_total", "Evictions that have ended.", "outcome", "inference_pool");
    Distribution confirmation =
        new Distribution(
            PREFIX + "revocation_confirmation_seconds",
            "[ALPHA] Time until an evicted request has ended.",
            Buckets.CONFIRMATION,
            "inference_pool");
    registry.register(confirmation);
    confirmations = confirmation.with(pool);
    limits.follow(this);
  }

  private Distribution timed(String name, String help, double[] buckets, String... labels) {
    var distribution = new Distribution(PREFIX + name, "[ALPHA] " + help, buckets, labels);
    registry.register(distribution);
    registry.register(new DeprecatedTwin(distribution, OLD_PREFIX + name, labels));
    return distribution;
  }

  private Counter counter(String name, String help, String... labels) {
    return Counter.builder()
        .name(PREFIX + name)
        .help("[ALPHA] " + help)
        .labelNames(labels)
        .withoutExemplars()
        .register(registry);
  }

  private void flowGauge(String name, String help, ToDoubleFunction<FlowSeries> value) {
    GaugeWithCallback gauge =
        GaugeWithCallback.builder()
            .name(PREFIX + name)
            .help("[ALPHA] " + help)
            .labelNames(FLOW_LABELS)
            .callback(
                callback ->
                    flows.forEach(
                        (key, series) ->
                            callback.call(
                                value.applyAsDouble(series),
                                key.fairnessId(),
                                Integer.toString(key.priority()),
                                pool,
                                key.model(),
                                key.targetModel())))
            .register(registry);
    registry.register(new DeprecatedTwin(gauge, OLD_PREFIX + name, FLOW_LABELS));
  }

  /**
   * Shows how full queues and pool are.
   *
   * @param figures as of now; any thread
   */
  public void show(Supplier<FlowFigures> figures) {
    GaugeWithCallback saturation =
        GaugeWithCallback.builder()
            .name(PREFIX + "pool_saturation")
            .help("[ALPHA] How full the pool is, by stage: 1 is full.")
            .labelNames("inference_pool", "stage")
            .callback(
                callback -> {
                  var stages = figures.get().stages();
                  if (!Double.isNaN(stages.prefill())) {
                    callback.call(stages.prefill(), pool, "prefill");
                  }
                  if (!Double.isNaN(stages.decode())) {
                    callback.call(stages.decode(), pool, "decode");
                  }
                  callback.call(stages.effective(), pool, "effective");
                })
            .register(registry);
    registry.register(
        new DeprecatedTwin(saturation, OLD_PREFIX + "pool_saturation", "inference_pool", "stage"));
    GaugeWithCallback.builder()
        .name(PREFIX + "stale_endpoints")
        .help("[ALPHA] Endpoints that count as full because their samples are too old.")
        .labelNames("detector")
        .callback(
            callback -> {
              FlowFigures now = figures.get();
              if (now.staleEndpoints() >= 0) {
                callback.call(now.staleEndpoints(), now.detector());
                warnOfStale(now);
              }
            })
        .register(registry);
    bandGauge(
        "capacity_utilization_requests",
        "Requests in a band's queues over its limit.",
        figures,
        fill -> (double) fill.requests() / fill.maxRequests());
    bandGauge(
        "capacity_utilization_bytes",
        "Bytes in a band's queues over its limit.",
        figures,
        fill -> (double) fill.bytes() / fill.maxBytes());
    bandGauge(
        "pool_queue_size",
        "Requests in a band's queues over all replicas that share a state store.",
        figures,
        fill -> (double) figures.get().everywhere(fill).requests());
    bandGauge(
        "pool_queue_bytes",
        "Bytes of their bodies.",
        figures,
        fill -> (double) figures.get().everywhere(fill).bytes());
    poolGauge(
        "global_capacity_utilization_requests",
        "Requests in all queues over their limit.",
        () -> share(figures.get().requests(), figures.get().maxRequests()));
    poolGauge(
        "global_capacity_utilization_bytes",
        "Bytes in all queues over their limit.",
        () -> share(figures.get().bytes(), figures.get().maxBytes()));
    poolGauge(
        "reclaim_target",
        "Saturation that the last evictions were to free.",
        () -> figures.get().reclaimTarget());
    poolGauge(
        "pending_reclaim",
        "Saturation that evicted requests have still to free.",
        () -> figures.get().pendingReclaim());
  }

  private void warnOfStale(FlowFigures figures) {
    long now = nanoClock.getAsLong();
    long last = warnedAt.get();
    if (figures.staleEndpoints() > 0
        && now - last >= WARN_EVERY_NANOS
        && warnedAt.compareAndSet(last, now)) {
      log.atWarn()
          .addKeyValue("detector", figures.detector())
          .addKeyValue("endpoints", figures.staleEndpoints())
          .log("endpoints count as full, their samples are too old");
    }
  }

  private static double share(long value, long limit) {
    return limit == 0 ? Double.NaN : (double) value / limit;
  }

  private void bandGauge(
      String name, String help, Supplier<FlowFigures> figures, ToDoubleFunction<Fill> value) {
    GaugeWithCallback.builder()
        .name(PREFIX + name)
        .help("[ALPHA] " + help)
        .labelNames("priority", "inference_pool")
        .callback(
            callback ->
                figures
                    .get()
                    .bands()
                    .forEach(
                        fill ->
                            callback.call(
                                value.applyAsDouble(fill),
                                Integer.toString(fill.priority()),
                                pool)))
        .register(registry);
  }

  /** A gauge that is not shown while its value is not a number. */
  private void poolGauge(String name, String help, Supplier<Double> value) {
    GaugeWithCallback.builder()
        .name(PREFIX + name)
        .help("[ALPHA] " + help)
        .labelNames("inference_pool")
        .callback(
            callback -> {
              double now = value.get();
              if (!Double.isNaN(now)) {
                callback.call(now, pool);
              }
            })
        .register(registry);
  }

  @Override
  public void passed(RequestLabels labels, int band) {
    RequestKey key = limits.limited(labels);
    flow(key).band = band;
    enqueueSeries(key, band, FlowOutcome.NOT_YET_FINALIZED).observeNanos(0);
    waitSeries(key, band, FlowOutcome.DISPATCHED).observeNanos(0);
    count(labels, FlowOutcome.DISPATCHED);
  }

  @Override
  public Runnable entered(RequestLabels labels, long bytes) {
    FlowSeries series = flow(limits.limited(labels));
    series.requests.increment();
    series.bytes.add(bytes);
    return () -> {
      series.requests.decrement();
      series.bytes.add(-bytes);
    };
  }

  @Override
  public boolean isInUse(RequestKey key) {
    FlowSeries series = flows.get(key);
    return series != null && series.requests.sum() > 0;
  }

  @Override
  public void retain(LabelLimits shown) {
    flows.keySet().removeIf(key -> !shown.shows(key));
    forget(
        key ->
            !shown.showsModel(key.model())
                || !shown.showsModel(key.targetModel())
                || !shown.showsFairnessId(key.fairnessId()));
  }

  @Override
  public void enqueued(RequestLabels labels, int band, FlowOutcome outcome, long nanos) {
    RequestKey key = limits.limited(labels);
    flow(key).band = band;
    enqueueSeries(key, band, outcome).observeNanos(nanos);
  }

  @Override
  public void finished(RequestLabels labels, int band, FlowOutcome outcome, long nanos) {
    waitSeries(limits.limited(labels), band, outcome).observeNanos(nanos);
    count(labels, outcome);
    if (outcome != FlowOutcome.DISPATCHED) {
      dropped(outcome);
    }
  }

  /** One line a second at most says what was not let in since the last one. */
  private void dropped(FlowOutcome outcome) {
    drops.computeIfAbsent(outcome.label(), ignored -> new LongAdder()).increment();
    long now = nanoClock.getAsLong();
    long last = loggedAt.get();
    if (now - last < LOG_EVERY_NANOS || !loggedAt.compareAndSet(last, now)) {
      return;
    }
    LoggingEventBuilder line = log.atInfo();
    for (Map.Entry<String, LongAdder> drop : drops.entrySet()) {
      line = line.addKeyValue(drop.getKey(), drop.getValue().sumThenReset());
    }
    line.log("requests dropped by flow control");
  }

  private void count(RequestLabels labels, FlowOutcome outcome) {
    outcomes.labelValues(outcome.label(), Integer.toString(labels.priority()), pool).inc();
  }

  private FlowSeries flow(RequestKey key) {
    long now = nanoClock.getAsLong();
    sweepIfDue(now);
    FlowSeries series = flows.computeIfAbsent(key, ignored -> new FlowSeries());
    series.lastUsedAt = now;
    return series;
  }

  private Distribution.Series waitSeries(RequestKey key, int band, FlowOutcome outcome) {
    RequestKey shown =
        key.priority() == band
            ? key
            : new RequestKey(key.model(), key.targetModel(), key.fairnessId(), band);
    return waits.computeIfAbsent(
        new TimedKey(shown, outcome), timed -> queueDuration.with(waitValues(timed)));
  }

  private String[] waitValues(TimedKey timed) {
    RequestKey key = timed.labels();
    return new String[] {
      key.fairnessId(),
      Integer.toString(key.priority()),
      timed.outcome().label(),
      pool,
      key.model(),
      key.targetModel()
    };
  }

  private Distribution.Series enqueueSeries(RequestKey key, int band, FlowOutcome outcome) {
    RequestKey shown = new RequestKey("", "", key.fairnessId(), band);
    return enqueues.computeIfAbsent(
        new TimedKey(shown, outcome), timed -> enqueueDuration.with(enqueueValues(timed)));
  }

  private static String[] enqueueValues(TimedKey timed) {
    return new String[] {
      timed.labels().fairnessId(),
      Integer.toString(timed.labels().priority()),
      timed.outcome().label()
    };
  }

  @Override
  public void cycle(long nanos) {
    cycles.observeNanos(nanos);
  }

  @Override
  public void revoked(int forPriority) {
    issued.labelValues(Integer.toString(forPriority), pool).inc();
  }

  @Override
  public void revocationConfirmed(long nanos) {
    revocations.labelValues("confirmed", pool).inc();
    confirmations.observeNanos(nanos);
  }

  @Override
  public void revocationTimedOut() {
    revocations.labelValues("timed_out", pool).inc();
  }

  private void sweepIfDue(long now) {
    long last = sweptAt.get();
    if (now - last < IDLE_NANOS || !sweptAt.compareAndSet(last, now)) {
      return;
    }
    Set<RequestKey> idle = new HashSet<>();
    flows.forEach(
        (key, series) -> {
          if (now - series.lastUsedAt >= IDLE_NANOS
              && series.requests.sum() == 0
              && !key.fairnessId().equals(NameLimit.OTHER)) {
            idle.add(key);
          }
        });
    Set<ShownFlow> gone = new HashSet<>();
    idle.forEach(key -> note(key, flows.remove(key), gone));
    Set<ShownFlow> busy = new HashSet<>();
    flows.forEach((key, series) -> note(key, series, busy));
    gone.removeAll(busy);
    forget(key -> gone.contains(ShownFlow.of(key)));
  }

  /** A request without a band of its own shows under the priority of another one. */
  private static void note(RequestKey key, @Nullable FlowSeries series, Set<ShownFlow> flows) {
    flows.add(ShownFlow.of(key));
    if (series != null) {
      flows.add(new ShownFlow(key.fairnessId(), series.band));
    }
  }

  /** Families first: what is bound meanwhile is bound to series that stay. */
  private void forget(Predicate<RequestKey> isGone) {
    Set<Labels> labels = new HashSet<>();
    waits.keySet().stream()
        .filter(timed -> isGone.test(timed.labels()))
        .forEach(timed -> labels.add(Labels.of(WAIT_LABELS, waitValues(timed))));
    enqueues.keySet().stream()
        .filter(timed -> isGone.test(timed.labels()))
        .forEach(timed -> labels.add(Labels.of(ENQUEUE_LABELS, enqueueValues(timed))));
    queueDuration.retain(shown -> !labels.contains(shown));
    enqueueDuration.retain(shown -> !labels.contains(shown));
    waits.keySet().removeIf(timed -> isGone.test(timed.labels()));
    enqueues.keySet().removeIf(timed -> isGone.test(timed.labels()));
  }
}
