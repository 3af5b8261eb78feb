package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.meter.RequestFamilies.RequestSeries;
import ai.llmd.epp.adapter.telemetry.meter.RequestFamilies.ResponseSeries;
import ai.llmd.epp.adapter.telemetry.series.Buckets;
import ai.llmd.epp.adapter.telemetry.series.Distribution;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits.RequestKey;
import ai.llmd.epp.adapter.telemetry.series.LabelledSeries;
import ai.llmd.epp.application.port.out.ExchangeObserver;
import ai.llmd.epp.domain.routing.RequestLabels;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Counts and times ext-proc exchanges. Any thread; never blocks. */
public final class EppMeters implements ExchangeObserver, LabelledSeries {

  private final LabelLimits limits;
  private final PluginDurations plugins;
  private final RequestFamilies families;
  private final StreamMeters streams;
  private final Distribution.Series requestProcessing;
  private final Distribution.Series responseProcessing;

  /** Bounded by the limits on combinations. */
  private final Map<RequestKey, RequestSeries> requests = new ConcurrentHashMap<>();

  /** Of responses alone, so that nothing shows a request where none is counted; as bounded. */
  private final Map<RequestKey, ResponseSeries> responses = new ConcurrentHashMap<>();

  /**
   * @param streams counts streams, or nothing without {@code --enable-grpc-stream-metrics}
   */
  public EppMeters(
      PrometheusRegistry registry,
      LabelLimits limits,
      PluginDurations plugins,
      StreamMeters streams) {
    this.limits = limits;
    this.plugins = plugins;
    this.families = new RequestFamilies(registry);
    this.streams = streams;
    this.requestProcessing =
        unlabelled(
            registry,
            "llm_d_epp_request_processing_duration_seconds",
            "Time from a request's arrival until it is routed or rejected.",
            Buckets.REQUEST_PROCESSING);
    this.responseProcessing =
        unlabelled(
            registry,
            "llm_d_epp_response_processing_duration_seconds",
            "Time spent on a response.",
            Buckets.RESPONSE_PROCESSING);
    limits.follow(this);
  }

  @Override
  public boolean isInUse(RequestKey key) {
    RequestSeries series = requests.get(key);
    GaugeDataPoint running = series == null ? null : series.running();
    return running != null && running.get() > 0;
  }

  /** Families first: what is bound meanwhile is bound to series that stay. */
  @Override
  public void retain(LabelLimits shown) {
    families.retain(shown);
    requests.keySet().removeIf(key -> !shown.shows(key));
    responses.keySet().removeIf(key -> !shown.shows(key));
  }

  @Override
  public void requestHandled(long nanos) {
    requestProcessing.observeNanos(nanos);
  }

  @Override
  public void bodyParsed(String parserType, String parserName, long nanos) {
    plugins.record("RequestParsing", parserType, parserName, nanos);
  }

  @Override
  public RoutedExchange routed(RequestLabels labels, long forwardedBytes) {
    RequestSeries series = requests.computeIfAbsent(limits.limited(labels), families::requests);
    series.requests().inc();
    series.requestBytes().observe(forwardedBytes);
    return new MeteredExchange(series.running(), series.responses(), responseProcessing);
  }

  @Override
  public RoutedExchange followed(RequestLabels labels) {
    ResponseSeries series = responses.computeIfAbsent(limits.limited(labels), families::responses);
    return new MeteredExchange(null, series, responseProcessing);
  }

  @Override
  public void failed(@Nullable RequestLabels labels, String errorCode) {
    RequestLabels known = labels == null ? RequestLabels.anonymous("") : labels;
    families.failed(limits.limited(known), errorCode);
  }

  @Override
  public void streamStarted() {
    streams.started();
  }

  @Override
  public void streamEnded(String grpcCode, long nanos) {
    streams.ended(grpcCode, nanos);
  }

  private static Distribution.Series unlabelled(
      PrometheusRegistry registry, String name, String help, double[] buckets) {
    var distribution = new Distribution(name, "[ALPHA] " + help, buckets);
    registry.register(distribution);
    return distribution.with();
  }
}
