package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.Buckets;
import ai.llmd.epp.adapter.telemetry.series.DeprecatedTwin;
import ai.llmd.epp.adapter.telemetry.series.Distribution;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits.RequestKey;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import org.jspecify.annotations.Nullable;

/** The metrics of requests and their responses, with their deprecated twins. */
final class RequestFamilies {

  private static final String MODEL = "model_name";
  private static final String TARGET = "target_model_name";
  private static final String PRIORITY = "priority";
  private static final String[] LABELS = {MODEL, TARGET, "fairness_id", PRIORITY};
  private static final String[] MODELS = {MODEL, TARGET};

  private final PrometheusRegistry registry;
  private final Counter requests;
  private final Counter errors;
  private final Gauge running;
  private final Distribution durations;
  private final Distribution requestBytes;
  private final Distribution responseBytes;
  private final Distribution inputTokens;
  private final Distribution outputTokens;
  private final Distribution cachedTokens;
  private final Distribution normalizedPerToken;
  private final Distribution firstToken;
  private final Distribution perToken;
  private final Distribution chunkGaps;

  RequestFamilies(PrometheusRegistry registry) {
    this.registry = registry;
    requests = counter("llm_d_epp_request_total", "Requests routed.", LABELS);
    twin(requests, "inference_objective_request", MODEL, TARGET, PRIORITY);
    errors =
        counter(
            "llm_d_epp_request_error_total",
            "Requests that ended with an error.",
            MODEL,
            TARGET,
            "fairness_id",
            PRIORITY,
            "error_code");
    twin(errors, "inference_objective_request_error", MODEL, TARGET, "error_code");
    running =
        Gauge.builder()
            .name("llm_d_epp_request_running")
            .help("[ALPHA] Requests in flight.")
            .labelNames(LABELS)
            .withoutExemplars()
            .register(registry);
    twin(running, "inference_objective_running_requests", MODEL);
    durations = distribution("request_duration_seconds", "Duration of a request.", Buckets.LATENCY);
    twin(durations, "inference_objective_request_duration_seconds", MODELS);
    requestBytes =
        distribution("request_size_bytes", "Size of the forwarded body.", Buckets.REQUEST_BYTES);
    twin(requestBytes, "inference_objective_request_sizes", MODELS);
    responseBytes =
        distribution("response_size_bytes", "Size of the response body.", Buckets.RESPONSE_BYTES);
    twin(responseBytes, "inference_objective_response_sizes", MODELS);
    inputTokens =
        distribution("request_input_tokens", "Tokens of the prompt.", Buckets.INPUT_TOKENS);
    twin(inputTokens, "inference_objective_input_tokens", MODELS);
    outputTokens =
        distribution("request_output_tokens", "Tokens of the response.", Buckets.OUTPUT_TOKENS);
    twin(outputTokens, "inference_objective_output_tokens", MODELS);
    cachedTokens =
        distribution(
            "request_cached_tokens", "Prompt tokens found in a cache.", Buckets.INPUT_TOKENS);
    twin(cachedTokens, "inference_objective_prompt_cached_tokens", MODELS);
    normalizedPerToken =
        distribution(
            "request_ntpot_seconds", "Time per output token.", Buckets.NORMALIZED_PER_TOKEN);
    twin(
        normalizedPerToken, "inference_objective_normalized_time_per_output_token_seconds", MODELS);
    firstToken =
        register(
            new Distribution(
                "llm_d_epp_request_ttft_seconds",
                "[ALPHA] Time to the first bytes of the response.",
                Buckets.FIRST_TOKEN,
                MODEL,
                TARGET,
                "fairness_id",
                PRIORITY,
                "streaming"));
    perToken =
        distribution(
            "request_streaming_tpot_seconds",
            "Time per output token after the first.",
            Buckets.PER_TOKEN);
    chunkGaps =
        distribution(
            "request_streaming_itl_seconds",
            "Time between two chunks of a response.",
            Buckets.CHUNK_GAP);
  }

  /** Everything that one combination of labels counts, looked up once. */
  RequestSeries requests(RequestKey key) {
    String[] values = key.values();
    return new RequestSeries(
        requests.labelValues(values),
        key.model().isEmpty() ? null : running.labelValues(values),
        requestBytes.with(values),
        responses(key));
  }

  /** What responses under one combination of labels count. */
  ResponseSeries responses(RequestKey key) {
    String[] values = key.values();
    return new ResponseSeries(
        durations.with(values),
        responseBytes.with(values),
        inputTokens.with(values),
        outputTokens.with(values),
        cachedTokens.with(values),
        normalizedPerToken.with(values),
        firstToken.with(key.valuesAnd("false")),
        firstToken.with(key.valuesAnd("true")),
        perToken.with(values),
        chunkGaps.with(values));
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
    return register(new Distribution("llm_d_epp_" + suffix, "[ALPHA] " + help, buckets, LABELS));
  }

  private void twin(Collector source, String name, String... labels) {
    register(new DeprecatedTwin(source, name, labels));
  }

  private <C extends Collector> C register(C collector) {
    registry.register(collector);
    return collector;
  }
}
