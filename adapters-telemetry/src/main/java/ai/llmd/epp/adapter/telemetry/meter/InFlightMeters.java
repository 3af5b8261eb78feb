package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.adapter.telemetry.series.LabelledSeries;
import ai.llmd.epp.adapter.telemetry.series.NameLimit;
import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.RequestLabels;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;

/**
 * Shows work in flight per endpoint and flow. Any thread.
 *
 * <p>An endpoint's series go with it. Beyond 10,000 series, new flows of an endpoint are shown
 * together as {@code other}.
 */
public final class InFlightMeters implements InFlightObserver, PoolObserver, LabelledSeries {

  private static final int MAX_SERIES = 10_000;
  private static final String[] LABELS = {
    "endpoint_name", "namespace", "producer_name", "fairness_id", "priority"
  };

  private final LabelLimits limits;
  private final Map<Flow, Work> shown = new ConcurrentHashMap<>();

  private record Flow(EndpointId endpoint, String producer, String fairnessId, int priority) {}

  private record Work(LongAdder requests, LongAdder tokens) {}

  public InFlightMeters(PrometheusRegistry registry, LabelLimits limits) {
    this.limits = limits;
    register(
        registry,
        "llm_d_epp_inflight_requests",
        "Requests in flight to an endpoint.",
        work -> work.requests.sum());
    register(
        registry,
        "llm_d_epp_inflight_tokens",
        "Estimated tokens in flight to an endpoint.",
        work -> work.tokens.sum());
    limits.follow(this);
  }

  /** What is still in flight stays until it has ended. */
  @Override
  public void retain(LabelLimits limits) {
    shown
        .entrySet()
        .removeIf(
            one ->
                !limits.showsFairnessId(one.getKey().fairnessId())
                    && one.getValue().requests.sum() == 0);
  }

  private void register(
      PrometheusRegistry registry, String name, String help, ToLongFunction<Work> value) {
    GaugeWithCallback.builder()
        .name(name)
        .help("[ALPHA] " + help)
        .labelNames(LABELS)
        .callback(
            callback ->
                shown.forEach(
                    (flow, work) ->
                        callback.call(
                            (double) value.applyAsLong(work),
                            flow.endpoint.name(),
                            flow.endpoint.namespace(),
                            flow.producer,
                            flow.fairnessId,
                            Integer.toString(flow.priority))))
        .register(registry);
  }

  @Override
  public LoadLedger.Entry opened(
      String producer,
      EndpointId endpoint,
      RequestLabels labels,
      long tokens,
      LoadLedger.Entry entry) {
    LabelLimits.RequestKey limited = limits.limited(labels);
    Work work = work(new Flow(endpoint, producer, limited.fairnessId(), limited.priority()));
    work.requests.increment();
    work.tokens.add(tokens);
    return new Shown(entry, work, tokens);
  }

  private Work work(Flow flow) {
    Work known = shown.get(flow);
    if (known != null) {
      return known;
    }
    Flow admitted =
        shown.size() < MAX_SERIES
            ? flow
            : new Flow(flow.endpoint, flow.producer, NameLimit.OTHER, 0);
    return shown.computeIfAbsent(admitted, _ -> new Work(new LongAdder(), new LongAdder()));
  }

  @Override
  public void removed(EndpointState endpoint, Runnable released) {
    EndpointId gone = endpoint.endpoint().id();
    shown.keySet().removeIf(flow -> flow.endpoint.equals(gone));
    released.run();
  }

  /** An entry that is shown. One stream's thread releases it. */
  private static final class Shown implements LoadLedger.Entry {

    private final LoadLedger.Entry entry;
    private final Work work;
    private long tokens;
    private boolean isOpen = true;

    Shown(LoadLedger.Entry entry, Work work, long tokens) {
      this.entry = entry;
      this.work = work;
      this.tokens = tokens;
    }

    @Override
    public void releaseTokens() {
      entry.releaseTokens();
      work.tokens.add(-tokens);
      tokens = 0;
    }

    @Override
    public void release() {
      entry.release();
      work.tokens.add(-tokens);
      tokens = 0;
      if (isOpen) {
        isOpen = false;
        work.requests.decrement();
      }
    }
  }
}
