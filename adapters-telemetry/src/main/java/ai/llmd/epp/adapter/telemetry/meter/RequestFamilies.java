package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.Buckets;
import ai.llmd.epp.adapter.telemetry.series.DeprecatedTwin;
import ai.llmd.epp.adapter.telemetry.series.Distribution;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits.RequestKey;
import ai.llmd.epp.adapter.telemetry.series.RetainedPoints;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The metrics of requests and their responses, with their deprecated twins. */
final class RequestFamilies {

  private static final String MODEL = "model_name";
  private static final String TARGET = "target_model_name";
  private static final String PRIORITY = "priority";
  private static final String FAIRNESS = "fairness_id";
  private static final String[] LABELS = {MODEL, TARGET, FAIRNESS, PRIORITY};
  private static final String[] ERROR_LABELS = {MODEL, TARGET, FAIRNESS, PRIORITY, "error_code"};
  private static final String[] MODELS = {MODEL, TARGET};

  private final PrometheusRegistry registry;
  private final List<Distribution> distributions = new ArrayList<>();
  private final Counter requests;
  private final Counter errors;
  private final Gauge running;
  private final Sizes sizes;
  private final Tokens tokens;
  private final Times times;

  private record Sizes(Distribution requestBytes, Distribution responseBytes) {}

  private record Tokens(Distribution input, Distribution output, Distribution cached) {}

  private record Times(
      Distribution durations,
      Distribution normalizedPerToken,
      Distribution firstToken,
      Distribution perToken,
      Distribution chunkGaps) {}

  RequestFamilies(PrometheusRegistry registry) {
    this.registry = registry;
    requests = counter("llm_d_epp_request_total", "Requests routed.", LABELS);
    twin(requests, "request", MODEL, TARGET, PRIORITY);
    errors =
        counter(
            "llm_d_epp_request_error_total", "Requests that ended with an error.", ERROR_LABELS);
    twin(errors, "request_error", MODEL, TARGET, "error_code");
    running =
        Gauge.builder()
            .name("llm_d_epp_request_running")
            .help("[ALPHA] Requests in flight.")
            .labelNames(LABELS)
            .withoutExemplars()
            .register(registry);
    twin(running, "running_requests", MODEL);
    sizes = sizes();
    tokens = tokens();
    times = times();
  }

  private Sizes sizes() {
    Distribution requestBytes =
        distribution("request_size_bytes", "Size of the forwarded body.", Buckets.REQUEST_BYTES);
    twin(requestBytes, "request_sizes", MODELS);
    Distribution responseBytes =
        distribution("response_size_bytes", "Size of the response body.", Buckets.RESPONSE_BYTES);
    twin(responseBytes, "response_sizes", MODELS);
    return new Sizes(requestBytes, responseBytes);
  }

  private Tokens tokens() {
    Distribution input =
        distribution("request_input_tokens", "Tokens of the prompt.", Buckets.INPUT_TOKENS);
    twin(input, "input_tokens", MODELS);
    Distribution output =
        distribution("request_output_tokens", "Tokens of the response.", Buckets.OUTPUT_TOKENS);
    twin(output, "output_tokens", MODELS);
    Distribution cached =
        distribution(
            "request_cached_tokens", "Prompt tokens found in a cache.", Buckets.INPUT_TOKENS);
    twin(cached, "prompt_cached_tokens", MODELS);
    return new Tokens(input, output, cached);
  }

  private Times times() {
    Distribution durations =
        distribution("request_duration_seconds", "Duration of a request.", Buckets.LATENCY);
    twin(durations, "request_duration_seconds", MODELS);
    Distribution normalizedPerToken =
        distribution(
            "request_ntpot_seconds", "Time per output token.", Buckets.NORMALIZED_PER_TOKEN);
    twin(normalizedPerToken, "normalized_time_per_output_token_seconds", MODELS);
    Distribution perToken =
        distribution(
            "request_streaming_tpot_seconds",
            "Time per output token after the first.",
            Buckets.PER_TOKEN);
    Distribution chunkGaps =
        distribution(
            "request_streaming_itl_seconds",
            "Time between two chunks of a response.",
            Buckets.CHUNK_GAP);
    return new Times(durations, normalizedPerToken, firstToken(), perToken, chunkGaps);
  }

  private Distribution firstToken() {
    return registered(
        new Distribution(
            "llm_d_epp_request_ttft_seconds",
            "[ALPHA] Time to the first bytes of the response.",
            Buckets.FIRST_TOKEN,
            MODEL,
            TARGET,
            FAIRNESS,
            PRIORITY,
            "streaming"));
  }

  /** Everything that one combination of labels counts, looked up once. */
  RequestSeries requests(RequestKey key) {
    String[] values = key.values();
    return new RequestSeries(
        requests.labelValues(values),
        key.model().isEmpty() ? null : running.labelValues(values),
        sizes.requestBytes.with(values),
        responses(key));
  }

  /** What responses under one combination of labels count. */
  ResponseSeries responses(RequestKey key) {
    String[] values = key.values();
    return new ResponseSeries(
        times.durations.with(values),
        sizes.responseBytes.with(values),
        tokens.input.with(values),
        tokens.output.with(values),
        tokens.cached.with(values),
        times.normalizedPerToken.with(values),
        times.firstToken.with(key.valuesAnd("false")),
        times.firstToken.with(key.valuesAnd("true")),
        times.perToken.with(values),
        times.chunkGaps.with(values));
  }

  /** Drops the series of combinations that are shown no more. */
  void retain(LabelLimits shown) {
    Predicate<Labels> isShown = labels -> shown.shows(key(labels));
    RetainedPoints.retain(requests, LABELS, isShown);
    RetainedPoints.retain(errors, ERROR_LABELS, isShown);
    RetainedPoints.retain(running, LABELS, isShown);
    distributions.forEach(distribution -> distribution.retain(isShown));
  }

  private static RequestKey key(Labels labels) {
    return new RequestKey(
        RetainedPoints.value(labels, MODEL),
        RetainedPoints.value(labels, TARGET),
        RetainedPoints.value(labels, FAIRNESS),
        Integer.parseInt(RetainedPoints.value(labels, PRIORITY)));
  }

  void failed(RequestKey key, String errorCode) {
    errors.labelValues(key.valuesAnd(errorCode)).inc();
  }

  /**
   * The series of one combination of labels.
   *
   * @param running null when the request names no model: such requests are not counted as running
   */
  record RequestSeries(
      CounterDataPoint requests,
      @Nullable GaugeDataPoint running,
      Distribution.Series requestBytes,
      ResponseSeries responses) {}

  /**
   * The part of it that responses count.
   *
   * @param firstToken of responses that came at once
   * @param firstTokenStreamed of streamed responses
   */
  record ResponseSeries(
      Distribution.Series durations,
      Distribution.Series responseBytes,
      Distribution.Series inputTokens,
      Distribution.Series outputTokens,
      Distribution.Series cachedTokens,
      Distribution.Series normalizedPerToken,
      Distribution.Series firstToken,
      Distribution.Series firstTokenStreamed,
      Distribution.Series perToken,
      Distribution.Series chunkGaps) {}

  private Counter counter(String name, String help, String... labels) {
    return Counter.builder()
        .name(name)
        .help("[ALPHA] " + help)
        .labelNames(labels)
        .withoutExemplars()
        .register(registry);
  }

  private Distribution distribution(String suffix, String help, double[] buckets) {
    return registered(new Distribution("llm_d_epp_" + suffix, "[ALPHA] " + help, buckets, LABELS));
  }

  private Distribution registered(Distribution distribution) {
    distributions.add(distribution);
    return register(distribution);
  }

  private void twin(Collector source, String suffix, String... labels) {
    register(new DeprecatedTwin(source, "inference_objective_" + suffix, labels));
  }

  private <C extends Collector> C register(C collector) {
    registry.register(collector);
    return collector;
  }
}
