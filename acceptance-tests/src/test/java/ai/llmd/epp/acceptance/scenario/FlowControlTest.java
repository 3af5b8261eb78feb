package ai.llmd.epp.acceptance.scenario;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.ReplacedFile;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.type.v3.StatusCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests that wait for room, seen from Envoy's side, and what operators see of them. */
class FlowControlTest {

  private static final String FLOW_SIZE = "llm_d_epp_flow_control_queue_size";

  private static final ReplacedFile OBJECTIVES =
      ReplacedFile.of(objective("urgent", 10) + objective("batch", -5));

  private final List<ModelServer> servers = new ArrayList<>();
  private final List<Dialogue> open = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // every test starts its own
  private RunningPicker picker;

  @AfterEach
  void stop() {
    open.forEach(Dialogue::cancel);
    if (picker != null) {
      picker.close();
    }
    servers.forEach(ModelServer::close);
  }

  private static String configuration(String band, boolean evicts) {
    return """
    featureGates: [flowControl]
    plugins:
    - {name: endpoints, type: file-discovery, parameters: {path: "${ENDPOINTS_FILE}"}}
    - {type: queue-scorer}
    - {type: round-robin-fairness-policy}
    - {type: concurrency-detector, parameters: {maxConcurrency: 1}}
    schedulingProfiles:
    - {name: default, plugins: [{pluginRef: queue-scorer}]}
    dataLayer: {discovery: {pluginRef: endpoints}}
    flowControl:
      saturationDetector: {pluginRef: concurrency-detector}
      defaultPriorityBand: {fairnessPolicyRef: round-robin-fairness-policy%s}
      enableEviction: %s
    """
        .formatted(band, evicts);
  }

  private static String objective(String name, int priority) {
    return """
    ---
    apiVersion: llm-d.ai/v1alpha2
    kind: InferenceObjective
    metadata: {name: %s}
    spec: {priority: %d}
    """
        .formatted(name, priority);
  }

  private void start(String band, boolean evicts, String... flags) {
    startWith(configuration(band, evicts), flags);
  }

  private void startWith(String configuration, String... flags) {
    servers.add(ModelServer.loaded("pod-0", 0, 0.1));
    List<String> all = new ArrayList<>(List.of(flags));
    all.add("--objectives-file=" + OBJECTIVES.path());
    picker = RunningPicker.start(configuration, servers, all.toArray(String[]::new));
  }

  private Dialogue ask(String id, String tenant, String objective) {
    Dialogue dialogue =
        Asking.open(
            picker,
            Map.of(
                "x-request-id", id,
                "x-llm-d-inference-fairness-id", tenant,
                "x-llm-d-inference-objective", objective),
            completion("m", "hello"));
    open.add(dialogue);
    return dialogue;
  }

  private static void within(ThrowingRunnable assertion) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(assertion);
  }

  private void awaitQueued(int requests) {
    within(() -> assertThat(picker.metrics().sum(FLOW_SIZE)).isEqualTo(requests));
  }

  /** The model server has answered. */
  private static Map<String, String> finish(Dialogue dialogue) {
    dialogue.send(Messages.responseHeaders(true, ":status", "200"));
    ProcessingResponse answer = dialogue.next();
    dialogue.halfClose();
    return Messages.setBy(answer.getResponseHeaders().getResponse().getHeaderMutation());
  }

  @Test
  void theSecondOfTwoWaitsForTheFirst() {
    start("", false);
    Dialogue first = ask("first", "a", "");
    Asking.routed(first);
    Dialogue second = ask("second", "a", "");
    awaitQueued(1);

    assertThat(finish(first)).containsEntry("x-llm-d-flow-queue-duration-ms", "0");

    Asking.routed(second);
    awaitQueued(0);
    assertThat(Long.parseLong(finish(second).get("x-llm-d-flow-queue-duration-ms")))
        .isNotNegative();
    assertThat(picker.get("/debug/decisions?request_id=second").body())
        .contains(
            "\"flow\":{\"band\":0,\"flow\":\"a\",\"outcome\":\"Dispatched\",\"isQueued\":true");
    assertThat(
            picker.metrics().sum("llm_d_epp_flow_control_requests_total", "outcome=\"Dispatched\""))
        .isEqualTo(2);
  }

  @Test
  void aBodyThatIsNotUnderstoodWaitsForTheOnlySlot() {
    startWith(
        configuration("", false)
            .replace("plugins:\n", "plugins:\n- {type: passthrough-parser}\n")
            .concat("requestHandler: {parsers: [{pluginRef: passthrough-parser}]}\n"));
    Dialogue first = Asking.open(picker, Map.of("x-request-id", "first"), "not JSON");
    open.add(first);
    Asking.routed(first);
    Dialogue second = Asking.open(picker, Map.of("x-request-id", "second"), "neither");
    open.add(second);

    await()
        .during(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(60))
        .until(() -> picker.metrics().sum(FLOW_SIZE) == 1);
    finish(first);

    assertThat(Asking.routed(second).bodyText()).isEqualTo("neither");
  }

  @Test
  void theUrgentComesFirstAndTenantsTakeTurns() {
    start("", false);
    Dialogue running = ask("r", "a", "");
    Asking.routed(running);
    List<Dialogue> expected = new ArrayList<>();
    Dialogue batch = queued("batch", "a", "batch");
    Dialogue a1 = queued("a1", "a", "");
    Dialogue a2 = queued("a2", "a", "");
    Dialogue b = queued("b", "b", "");
    Dialogue urgent = queued("urgent", "c", "urgent");
    expected.addAll(List.of(urgent, a1, b, a2, batch));

    for (Dialogue next : expected) {
      finish(running);
      Asking.routed(next);
      running = next;
    }
  }

  private Dialogue queued(String id, String tenant, String objective) {
    double before = picker.metrics().sum(FLOW_SIZE);
    Dialogue dialogue = ask(id, tenant, objective);
    awaitQueued((int) before + 1);
    return dialogue;
  }

  @Test
  void aFullBandRefuses() {
    start(", maxRequests: 1", false);
    Asking.routed(ask("first", "a", ""));
    queued("second", "a", "");

    ImmediateResponse refused = Asking.refused(ask("third", "a", ""));

    assertThat(refused.getStatus().getCode()).isEqualTo(StatusCode.TooManyRequests);
    assertThat(refused.getBody().toStringUtf8())
        .isEqualTo(
            "inference error: ResourceExhausted - request rejected pre-queue: queue at capacity");
    assertThat(Messages.setBy(refused.getHeaders()))
        .containsEntry("x-llm-d-request-dropped-reason", "rejected-saturated");
  }

  @Test
  void aClientThatLeavesMakesRoomForAnother() {
    start(", maxRequests: 1", false);
    Asking.routed(ask("first", "a", ""));
    Dialogue second = queued("second", "a", "");

    second.cancel();

    awaitQueued(0);
    queued("third", "a", "");
    within(
        () ->
            assertThat(
                    picker
                        .metrics()
                        .sum(
                            "llm_d_epp_flow_control_requests_total",
                            "outcome=\"EvictedContextCancelled\""))
                .isEqualTo(1));
  }

  @Test
  void aBatchRequestMakesRoomForAnUrgentOne() {
    start("", true);
    Dialogue batch = ask("batch", "a", "batch");
    Asking.routed(batch);

    Dialogue urgent = ask("urgent", "b", "urgent");

    ProcessingResponse evicted = batch.next();
    assertThat(evicted.getImmediateResponse().getStatus().getCode())
        .isEqualTo(StatusCode.TooManyRequests);
    assertThat(evicted.getImmediateResponse().getBody().toStringUtf8())
        .isEqualTo("request evicted by flow control");
    assertThat(Messages.setBy(evicted.getImmediateResponse().getHeaders()))
        .containsEntry("x-llm-d-request-dropped-reason", "evicted");
    assertThat(batch.end().isOk()).isTrue();
    Asking.routed(urgent);
    within(
        () ->
            assertThat(
                    picker
                        .metrics()
                        .sum("llm_d_epp_flow_control_revocations_total", "outcome=\"confirmed\""))
                .isEqualTo(1));
    assertThat(
            picker
                .metrics()
                .sum("llm_d_epp_flow_control_revocations_issued_total", "priority=\"10\""))
        .isEqualTo(1);
    assertThat(picker.get("/debug/decisions?request_id=urgent").body())
        .contains("\"madeRoom\":[\"batch\"]")
        .doesNotContain("evictedFor");
    assertThat(picker.get("/debug/decisions?request_id=batch").body())
        .contains("\"evictedFor\":{\"priority\":10,\"requestId\":\"urgent\"}")
        .doesNotContain("madeRoom");
  }

  @Test
  void theEndOfTheProgramAnswersWhatIsQueued() {
    start("", false, "--drain-timeout=5s");
    Asking.routed(ask("first", "a", ""));
    Dialogue second = queued("second", "a", "");

    Thread.ofVirtual().start(picker::drain);

    ImmediateResponse refused = Asking.refused(second);
    assertThat(refused.getStatus().getCode()).isEqualTo(StatusCode.ServiceUnavailable);
    assertThat(Messages.setBy(refused.getHeaders()))
        .containsEntry("x-llm-d-request-dropped-reason", "rejected-shutting-down");
  }

  @Test
  void fullQueuesAndPoolAreShown() {
    start(", maxRequests: 4", false);
    Asking.routed(ask("first", "a", ""));
    queued("second", "a", "");

    assertThat(shown("llm_d_epp_flow_control_pool_saturation", "stage=\"decode\"")).isEqualTo(1);
    assertThat(shown("llm_d_epp_flow_control_pool_saturation", "stage=\"effective\"")).isEqualTo(1);
    assertThat(shown("llm_d_epp_flow_control_capacity_utilization_requests", "priority=\"0\""))
        .isEqualTo(0.25);
    assertThat(shown("inference_extension_flow_control_queue_size", "fairness_id=\"a\""))
        .isEqualTo(1);
    assertThat(shown("llm_d_epp_flow_control_queue_bytes", "fairness_id=\"a\"")).isPositive();
    assertThat(picker.metrics().text())
        .contains("llm_d_epp_flow_control_request_enqueue_duration_seconds_count")
        .contains("outcome=\"NotYetFinalized\"")
        .doesNotContain("stage=\"prefill\"")
        .doesNotContain("llm_d_epp_flow_control_global_capacity_utilization_requests{");
  }

  private double shown(String name, String label) {
    return picker.metrics().sum(name, label, "inference_pool=\"epp\"");
  }
}
