package ai.llmd.epp.adapter.telemetry.meter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.application.port.out.ExchangeObserver.RoutedExchange;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EppMetersTest {

  private static final RequestLabels LABELS = new RequestLabels("r", "m", "t", "alice", 2);
  private static final String MFP =
      "fairness_id=\"alice\",model_name=\"m\",priority=\"2\",target_model_name=\"t\"";
  private static final String M = "model_name=\"m\",target_model_name=\"t\"";

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PluginDurations plugins = new PluginDurations(registry);
  private final EppMeters meters =
      new EppMeters(registry, new LabelLimits(), plugins, StreamMeters.in(registry));

  private static ResponseSummary summary(
      boolean isStreaming, long completionTokens, long firstByteMillis, long millis) {
    return new ResponseSummary(
        Termination.NATURAL,
        new Usage(10, completionTokens, 10 + completionTokens, -1),
        isStreaming,
        300,
        0,
        firstByteMillis < 0 ? -1 : firstByteMillis * 1_000_000,
        millis * 1_000_000);
  }

  private List<String> family(String name) {
    return Pages.family(registry, name);
  }

  @Test
  void countsRoutedRequestsUnderBothNames() {
    meters.routed(LABELS, 100);
    meters.routed(LABELS, 100);

    assertThat(family("llm_d_epp_request_total"))
        .containsExactly(
            "# TYPE llm_d_epp_request_total counter", "llm_d_epp_request_total{" + MFP + "} 2");
    assertThat(family("inference_objective_request_total"))
        .containsExactly(
            "# TYPE inference_objective_request_total counter",
            "inference_objective_request_total{model_name=\"m\",priority=\"2\","
                + "target_model_name=\"t\"} 2");
  }

  @Test
  void sumsTheDeprecatedFamilyOverTheLabelsThatItLacks() {
    meters.routed(LABELS, 100);
    meters.routed(new RequestLabels("r", "m", "t", "bob", 2), 1_000);

    assertThat(family("inference_objective_request_total"))
        .contains(
            "inference_objective_request_total{model_name=\"m\",priority=\"2\","
                + "target_model_name=\"t\"} 2");
    assertThat(family("inference_objective_request_sizes"))
        .contains(
            "inference_objective_request_sizes_bucket{" + M + ",le=\"128\"} 1",
            "inference_objective_request_sizes_bucket{" + M + ",le=\"1024\"} 2",
            "inference_objective_request_sizes_sum{" + M + "} 1100",
            "inference_objective_request_sizes_count{" + M + "} 2");
  }

  @Test
  void countsErrorsByCode() {
    meters.failed(LABELS, "ServiceUnavailable");
    meters.failed(null, "Unknown");

    assertThat(family("llm_d_epp_request_error_total"))
        .contains(
            "llm_d_epp_request_error_total{error_code=\"ServiceUnavailable\"," + MFP + "} 1",
            "llm_d_epp_request_error_total{error_code=\"Unknown\",fairness_id=\"default-flow\","
                + "model_name=\"\",priority=\"0\",target_model_name=\"\"} 1");
    assertThat(family("inference_objective_request_error_total"))
        .contains(
            "inference_objective_request_error_total{error_code=\"ServiceUnavailable\","
                + M
                + "} 1");
    assertThat(family("llm_d_epp_request_total")).isEmpty();
  }

  @Test
  void showsEveryBucketOfTheResponseSize() {
    meters.routed(LABELS, 1).completed(summary(false, 0, -1, 10));

    assertThat(family("llm_d_epp_response_size_bytes"))
        .containsExactlyElementsOf(
            Stream.concat(
                    Stream.of("# TYPE llm_d_epp_response_size_bytes histogram"),
                    Stream.concat(
                        Stream.of(
                                "1 0", "8 0", "16 0", "32 0", "64 0", "128 0", "256 0", "512 1",
                                "1024 1", "2048 1", "4096 1", "8192 1", "16384 1", "32778 1",
                                "65536 1", "+Inf 1")
                            .map(EppMetersTest::bucketLine),
                        Stream.of(
                            "llm_d_epp_response_size_bytes_sum{" + MFP + "} 300",
                            "llm_d_epp_response_size_bytes_count{" + MFP + "} 1")))
                .toList());
  }

  private static String bucketLine(String boundAndCount) {
    String[] parts = boundAndCount.split(" ", -1);
    return "llm_d_epp_response_size_bytes_bucket{%s,le=\"%s\"} %s"
        .formatted(MFP, parts[0], parts[1]);
  }

  @ParameterizedTest
  @CsvSource({
    "llm_d_epp_request_duration_seconds, 35, 0.005, 3600",
    "llm_d_epp_request_size_bytes, 25, 64, 1.073741824e+09",
    "llm_d_epp_request_input_tokens, 19, 1, 1.048576e+06",
    "llm_d_epp_request_output_tokens, 12, 1, 8192",
    "llm_d_epp_request_cached_tokens, 19, 1, 1.048576e+06",
    "llm_d_epp_request_ntpot_seconds, 13, 0.001, 10",
    "llm_d_epp_request_ttft_seconds, 24, 0.005, 120",
    "llm_d_epp_request_streaming_tpot_seconds, 19, 0.0005, 2",
    "llm_d_epp_request_streaming_itl_seconds, 15, 0.001, 2",
    "llm_d_epp_request_processing_duration_seconds, 16, 0.0005, 10",
    "llm_d_epp_response_processing_duration_seconds, 15, 0.0001, 5",
    "llm_d_epp_extproc_stream_duration_seconds, 14, 0.001, 600",
    "llm_d_epp_plugin_duration_seconds, 10, 0.0001, 0.1",
    "inference_objective_request_duration_seconds, 35, 0.005, 3600",
    "inference_objective_response_sizes, 15, 1, 65536",
    "inference_objective_input_tokens, 19, 1, 1.048576e+06",
    "inference_objective_output_tokens, 12, 1, 8192",
    "inference_objective_prompt_cached_tokens, 19, 1, 1.048576e+06",
    "inference_objective_normalized_time_per_output_token_seconds, 13, 0.001, 10",
    "inference_extension_plugin_duration_seconds, 10, 0.0001, 0.1"
  })
  void hasTheBucketsOfTheContract(String name, int bounds, String first, String last) {
    RoutedExchange exchange = meters.routed(LABELS, 100);
    exchange.usage(new Usage(10, 5, 15, 3));
    exchange.chunkGap(1_000_000);
    exchange.completed(summary(true, 5, 20, 100));
    exchange.ended(1_000);
    meters.bodyParsed("openai-parser", "openai", 1_000);
    meters.streamStarted();
    meters.streamEnded("OK", 1_000_000);

    List<String> buckets =
        family(name).stream().filter(line -> line.startsWith(name + "_bucket")).toList();

    assertThat(buckets).hasSize(bounds + 1);
    assertThat(buckets.getFirst()).contains("le=\"" + first + "\"");
    assertThat(buckets.get(bounds - 1)).contains("le=\"" + last + "\"");
  }

  @Test
  void timesAStreamedResponse() {
    RoutedExchange exchange = meters.routed(LABELS, 100);

    exchange.completed(summary(true, 5, 200, 1_000));

    assertThat(family("llm_d_epp_request_ttft_seconds"))
        .contains(
            "llm_d_epp_request_ttft_seconds_sum{fairness_id=\"alice\",model_name=\"m\","
                + "priority=\"2\",streaming=\"true\",target_model_name=\"t\"} 0.2")
        .noneMatch(line -> line.contains("streaming=\"false\""));
    assertThat(family("llm_d_epp_request_streaming_tpot_seconds"))
        .contains("llm_d_epp_request_streaming_tpot_seconds_sum{" + MFP + "} 0.2");
    assertThat(family("llm_d_epp_request_ntpot_seconds"))
        .contains("llm_d_epp_request_ntpot_seconds_sum{" + MFP + "} 0.2");
    assertThat(family("llm_d_epp_request_duration_seconds"))
        .contains("llm_d_epp_request_duration_seconds_sum{" + MFP + "} 1");
  }

  @Test
  void timesNoTokensOfABufferedResponse() {
    meters.routed(LABELS, 100).completed(summary(false, 5, 200, 1_000));

    assertThat(family("llm_d_epp_request_streaming_tpot_seconds")).isEmpty();
    assertThat(family("llm_d_epp_request_ttft_seconds"))
        .anyMatch(line -> line.contains("streaming=\"false\""));
  }

  @Test
  void skipsWhatAResponseWithoutTimeBytesOrTokensCannotTell() {
    meters.routed(LABELS, 100).completed(summary(true, 0, -1, 0));

    assertThat(family("llm_d_epp_request_duration_seconds")).isEmpty();
    assertThat(family("llm_d_epp_request_ttft_seconds")).isEmpty();
    assertThat(family("llm_d_epp_request_ntpot_seconds")).isEmpty();
    assertThat(family("llm_d_epp_response_size_bytes")).isNotEmpty();
  }

  @Test
  void observesTokensOfEachChunkThatReportsThem() {
    RoutedExchange exchange = meters.routed(LABELS, 100);
    exchange.usage(new Usage(10, 0, 10, -1));
    exchange.usage(new Usage(0, 7, 7, 0));

    assertThat(family("llm_d_epp_request_input_tokens"))
        .contains("llm_d_epp_request_input_tokens_count{" + MFP + "} 1");
    assertThat(family("llm_d_epp_request_output_tokens"))
        .contains("llm_d_epp_request_output_tokens_sum{" + MFP + "} 7");
    assertThat(family("llm_d_epp_request_cached_tokens"))
        .contains(
            "llm_d_epp_request_cached_tokens_bucket{" + MFP + ",le=\"1\"} 1",
            "llm_d_epp_request_cached_tokens_sum{" + MFP + "} 0");
  }

  @Test
  void countsRunningRequestsUntilTheyEnd() {
    RoutedExchange first = meters.routed(LABELS, 1);
    RoutedExchange second = meters.routed(LABELS, 1);
    first.running();
    second.running();
    first.ended(0);

    assertThat(family("llm_d_epp_request_running"))
        .containsExactly(
            "# TYPE llm_d_epp_request_running gauge", "llm_d_epp_request_running{" + MFP + "} 1");
    assertThat(family("inference_objective_running_requests"))
        .contains("inference_objective_running_requests{model_name=\"m\"} 1");

    second.ended(0);
    assertThat(family("llm_d_epp_request_running"))
        .contains("llm_d_epp_request_running{" + MFP + "} 0");
  }

  @Test
  void endsARequestThatNeverRanWithoutCountingDown() {
    meters.routed(LABELS, 1).ended(0);

    assertThat(family("llm_d_epp_request_running"))
        .contains("llm_d_epp_request_running{" + MFP + "} 0");
  }

  @Test
  void countsNoRequestAsRunningWithoutAModel() {
    RoutedExchange exchange = meters.routed(new RequestLabels("r", "", "t", "a", 0), 1);
    exchange.running();
    exchange.ended(0);

    assertThat(family("llm_d_epp_request_running")).isEmpty();
  }

  @Test
  void countsAResponseButNoRequestWhereNoneHadABody() {
    RoutedExchange exchange = meters.followed(RequestLabels.anonymous(""));
    exchange.running();
    exchange.usage(new Usage(7, 5, 12, -1));
    exchange.chunkGap(1_000_000);
    exchange.completed(summary(true, 5, 20, 100));
    exchange.ended(1_000);

    String none = "model_name=\"\",target_model_name=\"\"";
    String noneOfAnyModel =
        "fairness_id=\"default-flow\",model_name=\"\",priority=\"0\",target_model_name=\"\"";
    assertThat(family("inference_objective_input_tokens"))
        .contains(
            "inference_objective_input_tokens_sum{" + none + "} 7",
            "inference_objective_input_tokens_count{" + none + "} 1");
    for (String counted :
        List.of(
            "request_duration_seconds",
            "response_size_bytes",
            "request_input_tokens",
            "request_output_tokens",
            "request_ntpot_seconds",
            "request_streaming_tpot_seconds",
            "request_streaming_itl_seconds")) {
      String name = "llm_d_epp_" + counted;
      assertThat(family(name)).contains(name + "_count{" + noneOfAnyModel + "} 1");
    }
    assertThat(family("llm_d_epp_request_ttft_seconds")).isNotEmpty();
    assertThat(family("llm_d_epp_response_processing_duration_seconds"))
        .contains("llm_d_epp_response_processing_duration_seconds_count 1");
    for (String request : List.of("request_total", "request_size_bytes", "request_running")) {
      assertThat(family("llm_d_epp_" + request)).isEmpty();
    }
  }

  @Test
  void addsUpResponsesWithAndWithoutACountedRequest() {
    RequestLabels none = RequestLabels.anonymous("");
    meters.followed(none).completed(summary(false, 5, 20, 100));
    meters.routed(none, 1).completed(summary(false, 5, 20, 100));

    assertThat(family("inference_objective_response_sizes"))
        .contains(
            "inference_objective_response_sizes_count{model_name=\"\",target_model_name=\"\"} 2");
  }

  @Test
  void addsChunkGapsInBatchesAndTheRestAtTheEnd() {
    RoutedExchange exchange = meters.routed(LABELS, 1);
    for (int i = 0; i < 100; i++) {
      exchange.chunkGap(30_000_000);
    }
    assertThat(family("llm_d_epp_request_streaming_itl_seconds"))
        .contains("llm_d_epp_request_streaming_itl_seconds_count{" + MFP + "} 64");

    exchange.ended(0);

    assertThat(family("llm_d_epp_request_streaming_itl_seconds"))
        .contains(
            "llm_d_epp_request_streaming_itl_seconds_bucket{" + MFP + ",le=\"0.02\"} 0",
            "llm_d_epp_request_streaming_itl_seconds_bucket{" + MFP + ",le=\"0.04\"} 100",
            "llm_d_epp_request_streaming_itl_seconds_count{" + MFP + "} 100");
  }

  @Test
  void timesBothPhasesAndTheParser() {
    meters.requestHandled(2_000_000);
    meters.bodyParsed("openai-parser", "my-parser", 200_000);
    meters.routed(LABELS, 1).ended(3_000_000);
    meters.routed(LABELS, 1).ended(0);

    assertThat(family("llm_d_epp_request_processing_duration_seconds"))
        .contains("llm_d_epp_request_processing_duration_seconds_sum 0.002");
    assertThat(family("llm_d_epp_response_processing_duration_seconds"))
        .contains("llm_d_epp_response_processing_duration_seconds_count 1");
    assertThat(family("llm_d_epp_plugin_duration_seconds"))
        .contains(
            "llm_d_epp_plugin_duration_seconds_count{extension_point=\"RequestParsing\","
                + "plugin_name=\"my-parser\",plugin_type=\"openai-parser\"} 1");
  }

  @Test
  void countsStreamsByCode() {
    meters.streamStarted();
    meters.streamStarted();
    meters.streamEnded("Canceled", 1_000_000);

    assertThat(family("llm_d_epp_extproc_streams_inflight"))
        .contains("llm_d_epp_extproc_streams_inflight 1");
    assertThat(family("llm_d_epp_extproc_streams_total"))
        .contains("llm_d_epp_extproc_streams_total{code=\"Canceled\"} 1");
  }

  @Test
  void showsNoStreamFamiliesWithoutTheFlag() {
    var plain = new PrometheusRegistry();
    var quiet =
        new EppMeters(plain, new LabelLimits(), new PluginDurations(plain), StreamMeters.off());
    quiet.streamStarted();
    quiet.streamEnded("OK", 1);

    assertThat(Pages.text(plain)).doesNotContain("extproc");
  }

  @Test
  void showsTheThousandAndFirstFairnessIdAsOther() {
    for (int i = 0; i < 1_002; i++) {
      meters.routed(new RequestLabels("r", "m", "t", "tenant-" + i, 0), 1);
    }

    List<String> requests = family("llm_d_epp_request_total");
    assertThat(requests).hasSize(1 + 1_001);
    assertThat(requests)
        .contains(
            "llm_d_epp_request_total{fairness_id=\"other\",model_name=\"m\",priority=\"0\","
                + "target_model_name=\"t\"} 2");
  }

  @Test
  void countsIncomingAndTargetModelsTogether() {
    for (int i = 0; i < 600; i++) {
      meters.routed(new RequestLabels("r", "in-" + i, "out-" + i, "f", 0), 1);
    }

    List<String> requests = family("llm_d_epp_request_total");
    assertThat(requests).hasSize(1 + 501); // 500 pairs fill the 1000 names
    assertThat(requests)
        .contains(
            "llm_d_epp_request_total{fairness_id=\"f\",model_name=\"other\",priority=\"0\","
                + "target_model_name=\"other\"} 100");
  }

  @Test
  void boundsTheCombinationsOfLabels() {
    for (int model = 0; model < 50; model++) {
      for (int tenant = 0; tenant < 50; tenant++) {
        meters.routed(new RequestLabels("r", "m" + model, "", "f" + tenant, 7), 1);
      }
    }

    assertThat(family("llm_d_epp_request_total"))
        .hasSize(1 + 2_001)
        .contains(
            "llm_d_epp_request_total{fairness_id=\"other\",model_name=\"other\",priority=\"0\","
                + "target_model_name=\"other\"} 500");
  }
}
