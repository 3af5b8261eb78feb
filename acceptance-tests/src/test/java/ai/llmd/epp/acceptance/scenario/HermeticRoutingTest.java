package ai.llmd.epp.acceptance.scenario;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static ai.llmd.epp.acceptance.inprocess.Asking.open;
import static ai.llmd.epp.acceptance.inprocess.Asking.refused;
import static ai.llmd.epp.acceptance.inprocess.Asking.route;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.Asking.Routed;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.ReplacedFile;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.type.v3.StatusCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How requests are routed, from their headers and bodies to an endpoint or a refusal. */
class HermeticRoutingTest {

  private static final String[] SCORERS = {
    "queue-scorer", "kv-cache-utilization-scorer", "prefix-cache-scorer", "lora-affinity-scorer"
  };
  private static final String DEFAULT =
      RunningPicker.configuration(List.of("openai-parser"), SCORERS);

  private static final ReplacedFile OBJECTIVES =
      ReplacedFile.of(
          objective("sql-lora", "priority: 2")
              + objective("sql-lora-sheddable", "")
              + objective("my-model", "priority: 2")
              + objective("direct-model", "priority: 2")
              + objective("inference-objective-with-priority-4", "priority: 4"));
  private static final ReplacedFile REWRITES =
      ReplacedFile.of(
          """
          apiVersion: llm-d.ai/v1alpha2
          kind: InferenceModelRewrite
          metadata: {name: rewrite-test}
          spec:
            rules:
            - matches: [{model: {value: model-to-be-rewritten}}]
              targets: [{modelRewrite: rewritten-model}]
          """);

  private final List<ModelServer> servers = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // every test starts its own
  private RunningPicker picker;

  @AfterEach
  void stop() {
    if (picker != null) {
      picker.close();
    }
    servers.forEach(ModelServer::close);
  }

  private void pod(int waiting, double kvCacheUsage, String... adapters) {
    servers.add(ModelServer.loaded("pod-" + servers.size(), waiting, kvCacheUsage, adapters));
  }

  private void start() {
    start(DEFAULT);
  }

  private void start(String configuration) {
    picker =
        RunningPicker.start(
            configuration,
            servers,
            "--objectives-file=" + OBJECTIVES.path(),
            "--rewrites-file=" + REWRITES.path());
  }

  private static String objective(String name, String spec) {
    return """
    ---
    apiVersion: llm-d.ai/v1alpha2
    kind: InferenceObjective
    metadata: {name: %s}
    spec: {%s}
    """
        .formatted(name, spec);
  }

  private static Map<String, String> headers(String objective, String target) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("hi", "mom");
    headers.put("x-request-id", "test-request-id");
    headers.put("x-gateway-inference-objective", objective);
    headers.put("x-gateway-model-name-rewrite", target);
    return headers;
  }

  private void assertRoutedTo(int pod, Routed routed) {
    assertThat(routed.destination()).isEqualTo(servers.get(pod).hostPort());
  }

  private void assertCounted(String model, String target, int priority) {
    assertThat(
            picker
                .metrics()
                .sum(
                    "llm_d_epp_request_total",
                    "model_name=\"" + model + '"',
                    "target_model_name=\"" + target + '"',
                    "priority=\"" + priority + '"'))
        .isEqualTo(1);
  }

  @Test
  void lowerQueueAndKvCacheWin() {
    pod(3, 0.2);
    pod(0, 0.1);
    pod(10, 0.2);
    start();

    Routed routed =
        route(picker, headers("my-model", "my-model-12345"), completion("my-model", "test1"));

    assertRoutedTo(1, routed);
    String body = completion("my-model-12345", "test1");
    assertThat(routed.bodyText()).isEqualTo(body);
    assertThat(routed.headers())
        .containsEntry("Content-Length", Integer.toString(body.length()))
        .containsEntry("hi", "mom")
        .containsEntry("x-request-id", "test-request-id");
    assertThat(routed.head().getRequestHeaders().getResponse().getClearRouteCache()).isTrue();
    assertThat(
            routed
                .head()
                .getDynamicMetadata()
                .getFieldsOrThrow("envoy.lb")
                .getStructValue()
                .getFieldsOrThrow(Asking.DESTINATION)
                .getStringValue())
        .isEqualTo(servers.get(1).hostPort());
    assertCounted("my-model", "my-model-12345", 2);
    assertThat(picker.metrics().sum("inference_pool_ready_pods")).isEqualTo(3);
  }

  @Test
  void theServerThatHasTheAdapterAndNoQueueWins() {
    pod(0, 0.2, "foo", "bar");
    pod(0, 0.1, "foo", "sql-lora-1fdg2");
    pod(10, 0.2, "foo", "bar");
    start();

    assertRoutedTo(
        1, route(picker, headers("sql-lora", "sql-lora-1fdg2"), completion("sql-lora", "test2")));
    assertCounted("sql-lora", "sql-lora-1fdg2", 2);
  }

  @Test
  void affinityToAnAdapterBeatsTheKvCache() {
    pod(10, 0.2, "foo", "bar");
    pod(10, 0.4, "foo", "sql-lora-1fdg2");
    pod(10, 0.3, "foo");
    start();

    assertRoutedTo(
        1, route(picker, headers("sql-lora", "sql-lora-1fdg2"), completion("sql-lora", "test3")));
    assertCounted("sql-lora", "sql-lora-1fdg2", 2);
  }

  @Test
  void aLoadedPoolShedsNothingByDefault() {
    pod(6, 0.2, "foo", "bar", "sql-lora-1fdg3");
    pod(0, 0.85, "foo");
    pod(10, 0.9, "foo");
    start();

    assertRoutedTo(
        0, route(picker, headers("sql-lora", "sql-lora-1fdg3"), completion("sql-lora", "test4")));
    assertCounted("sql-lora", "sql-lora-1fdg3", 2);
  }

  @Test
  void passthroughRoutesBytesThatItDoesNotUnderstand() {
    pod(3, 0.2);
    pod(0, 0.1);
    pod(10, 0.2);
    start(
        RunningPicker.configuration(
            List.of("passthrough-parser"), "queue-scorer", "kv-cache-utilization-scorer"));
    Map<String, String> headers =
        Map.of("x-request-id", "a-request", "x-llm-d-inference-objective", "my-model");

    Routed routed = route(picker, headers, "passthrough-parser");

    assertRoutedTo(1, routed);
    assertThat(routed.bodyText()).isEqualTo("passthrough-parser");
    assertCounted("", "", 2);
  }

  @Test
  void invalidJsonIsABadRequest() {
    pod(0, 0.2);
    start();

    ImmediateResponse refused = refused(open(picker, Map.of(), "no healthy upstream"));

    assertThat(refused.getStatus().getCode()).isEqualTo(StatusCode.BadRequest);
    assertThat(refused.getBody().toStringUtf8()).contains("error unmarshaling request bodyMap");
  }

  @Test
  void aBodyInTwoChunksIsReadAsOne() {
    pod(4, 0.2, "foo", "bar", "sql-lora-1fdg3");
    pod(4, 0.85, "foo", "sql-lora-1fdg3");
    start();

    Routed routed =
        route(
            picker,
            headers("sql-lora-sheddable", "sql-lora-1fdg3"),
            "{\"max_tokens\":100,\"model\":\"sql-lo",
            "ra-sheddable\",\"prompt\":\"test6\",\"temperature\":0}");

    assertRoutedTo(0, routed);
    assertThat(routed.bodyText()).isEqualTo(completion("sql-lora-1fdg3", "test6"));
    assertCounted("sql-lora-sheddable", "sql-lora-1fdg3", 0);
  }

  @Test
  void aGetWithoutAnyServerIsAnsweredAsAPostIs() { // 500 upstream, see docs/compatibility.md
    start();

    Dialogue dialogue = Dialogue.open(picker.channel());
    dialogue.send(Asking.headers(true, Map.of(":method", "GET", ":path", "/v1/models")));

    assertThat(refused(dialogue).getStatus().getCode()).isEqualTo(StatusCode.ServiceUnavailable);
  }

  @Test
  void aBodyWithoutAModelIsABadRequest() {
    pod(0, 0.2);
    start();

    ImmediateResponse refused = refused(open(picker, Map.of(), "{\"prompt\":\"hello world\"}"));

    assertThat(refused.getStatus().getCode()).isEqualTo(StatusCode.BadRequest);
    assertThat(refused.getBody().toStringUtf8()).contains("model not found in request body");
  }

  @Test
  void amongAllServersOfASubsetTheBestWins() {
    pod(3, 0.2);
    pod(0, 0.1);
    pod(10, 0.2);
    start();

    assertRoutedTo(1, Asking.routed(askWithin(0, 1, 2)));
  }

  @Test
  void aSubsetOutweighsTheLoad() {
    pod(3, 0.2);
    pod(0, 0.1);
    pod(10, 0.2);
    servers.add(ModelServer.start("pod-3", "127.0.0.3").reports(20, 0, 0.9));
    start();

    assertRoutedTo(3, Asking.routed(askWithin(3)));
  }

  @Test
  void aSubsetOfStrangersIsNotServed() {
    pod(0, 0.2);
    start();

    ImmediateResponse refused = refused(ask("192.168.1.99:8000"));

    assertThat(refused.getStatus().getCode()).isEqualTo(StatusCode.ServiceUnavailable);
    assertThat(Messages.setBy(refused.getHeaders()))
        .containsEntry("x-llm-d-request-dropped-reason", "rejected-no-endpoints");
  }

  @Test
  void anUndeclaredModelIsRouted() {
    pod(0, 0.2);
    start();

    Routed routed =
        route(
            picker,
            headers("direct-model", "direct-model"),
            "{\"max_tokens\":100,\"model\":\"direct-",
            "model\",\"prompt\":\"test6\",\"temperature\":0}");

    assertRoutedTo(0, routed);
    assertThat(routed.bodyText()).isEqualTo(completion("direct-model", "test6"));
    assertCounted("direct-model", "direct-model", 2);
  }

  @Test
  void aRewriteReplacesTheModelWhateverTheHeader() {
    pod(0, 0.2);
    start();

    Routed routed =
        route(
            picker,
            headers("model-to-be-rewritten", "model-to-be-rewritten"),
            completion("model-to-be-rewritten", "test7"));

    String body = completion("rewritten-model", "test7");
    assertThat(routed.bodyText()).isEqualTo(body);
    assertThat(routed.headers()).containsEntry("Content-Length", Integer.toString(body.length()));
    assertCounted("model-to-be-rewritten", "rewritten-model", 0);
    assertThat(
            picker
                .metrics()
                .sum(
                    "llm_d_epp_model_rewrite_decisions_total",
                    "model_rewrite_name=\"rewrite-test\"",
                    "model_name=\"model-to-be-rewritten\"",
                    "target_model=\"rewritten-model\""))
        .isEqualTo(1);
  }

  private Dialogue askWithin(int... pods) {
    List<String> addresses = new ArrayList<>();
    for (int pod : pods) {
      addresses.add(servers.get(pod).hostPort());
    }
    return ask(addresses.toArray(String[]::new));
  }

  private Dialogue ask(String... subset) {
    Dialogue dialogue = Dialogue.open(picker.channel());
    dialogue.send(Asking.headers(false, headers("my-model", "my-model")));
    return dialogue.send(
        Messages.withSubset(Messages.requestBody(completion("my-model", "test"), true), subset));
  }
}
