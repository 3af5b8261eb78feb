package ai.llmd.epp.acceptance.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.Asking.Routed;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.type.v3.StatusCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The picker's part of the suite's tests, with the suite's requests: a body that no API has, on
 * paths that no API has, steered by a header. docs/conformance.md maps the tests.
 */
class ConformanceTest {

  private static final String SELECTION = "test-epp-endpoint-selection";
  private static final String SERVED = "x-conformance-test-served-endpoint";
  private static final String BODY =
      "{\"model\":\"conformance-fake-model\",\"prompt\":\"Write as if you were a critic\"}";
  private static final int REQUESTS = 100;
  private static final int AT_ONCE = 10;

  /**
   * The suite's configuration: the header decides, and the response names the endpoint that served.
   */
  private static final String CONFIGURATION =
      """
      plugins:
      - name: endpoints
        type: file-discovery
        parameters: {path: "${ENDPOINTS_FILE}"}
      - type: header-based-testing-filter
      - type: random-picker
        parameters: {maxNumOfEndpoints: 4}
      - type: destination-endpoint-served-verifier
      schedulingProfiles:
      - name: default
        plugins:
        - pluginRef: header-based-testing-filter
        - pluginRef: random-picker
      dataLayer:
        discovery: {pluginRef: endpoints}
      """;

  /** Three pods of a pool; the last has three ranks. */
  private static final List<ModelServer> POOL =
      List.of(
          pod("pod-0", "127.0.0.11"),
          pod("pod-1", "127.0.0.12"),
          pod("pod-2-rank-0", "127.0.0.13"),
          pod("pod-2-rank-1", "127.0.0.13"),
          pod("pod-2-rank-2", "127.0.0.13"));

  private static final List<ModelServer> OTHER_POOL = List.of(pod("other-0", "127.0.0.21"));

  private static RunningPicker picker;
  private static RunningPicker otherPicker;

  private static ModelServer pod(String name, String address) {
    return ModelServer.start(name, address).reports(0, 0, 0);
  }

  @BeforeAll
  static void start() {
    picker = RunningPicker.start(CONFIGURATION, POOL);
    otherPicker = RunningPicker.start(CONFIGURATION, OTHER_POOL);
  }

  @AfterAll
  static void stop() {
    picker.close();
    otherPicker.close();
    POOL.forEach(ModelServer::close);
    OTHER_POOL.forEach(ModelServer::close);
  }

  private static String address(ModelServer server) {
    return server.hostPort().substring(0, server.hostPort().lastIndexOf(':'));
  }

  private static Dialogue post(RunningPicker asked, String selection) {
    return Asking.open(
        asked,
        Map.of(":method", "POST", ":path", "/primary-gateway-test", SELECTION, selection),
        BODY);
  }

  /** All endpoints that the answer names, the preferred one first. */
  private static List<String> destinations(RunningPicker asked, String selection) {
    Dialogue dialogue = post(asked, selection);
    Routed routed = Asking.routed(dialogue);
    dialogue.halfClose().end();
    assertThat(routed.bodyText()).isEqualTo(BODY);
    return List.of(routed.destination().split(","));
  }

  private static List<String> manyDestinations(String selection) throws Exception {
    List<String> all = new ArrayList<>();
    try (ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<List<String>>> asked =
          Stream.generate(() -> clients.submit(() -> destinations(picker, selection)))
              .limit(REQUESTS)
              .toList();
      for (Future<List<String>> answer : asked) {
        all.addAll(answer.get());
      }
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void requestsGoToTheSelectedPodsOnly(int pods) throws Exception {
    List<ModelServer> selected = POOL.subList(0, pods);
    String selection = String.join(",", selected.stream().map(ConformanceTest::address).toList());

    assertThat(manyDestinations(selection))
        .as("all of them for each request")
        .hasSize(REQUESTS * pods)
        .extracting(endpoint -> endpoint.substring(0, endpoint.lastIndexOf(':')))
        .hasSameElementsAs(selected.stream().map(ConformanceTest::address).toList());
  }

  @Test
  void anAddressStandsForAnyRankOfThePod() throws Exception {
    assertThat(manyDestinations(address(POOL.get(2))))
        .isSubsetOf(POOL.subList(2, 5).stream().map(ModelServer::hostPort).toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void anAddressWithAPortStandsForOneRank(int rank) throws Exception {
    String selected = POOL.get(rank).hostPort();

    assertThat(manyDestinations(selected)).containsOnly(selected).hasSize(REQUESTS);
  }

  @Test
  void aGetWithoutASelectionReachesAPodOfThePool() {
    Dialogue dialogue = Dialogue.open(picker.channel());
    dialogue.send(Asking.headers(true, Map.of(":method", "GET", ":path", "/primary-gateway-test")));

    ProcessingResponse answer = dialogue.next();

    assertThat(
            Messages.setBy(answer.getRequestHeaders().getResponse().getHeaderMutation())
                .get(Asking.DESTINATION))
        .isIn(POOL.stream().map(ModelServer::hostPort).toList());
    dialogue.halfClose().end();
  }

  @Test
  void eachPickerTakesOfTheSelectionWhatIsInItsPool() {
    String pods = POOL.getFirst().hostPort() + "," + OTHER_POOL.getFirst().hostPort();

    assertThat(destinations(picker, pods)).containsExactly(POOL.getFirst().hostPort());
    assertThat(destinations(otherPicker, pods)).containsExactly(OTHER_POOL.getFirst().hostPort());
  }

  @Test
  void aSelectionOfAnotherPoolsPodsIsRefused() {
    var refused = Asking.refused(post(otherPicker, POOL.getFirst().hostPort()));

    assertThat(refused.getStatus().getCode()).isEqualTo(StatusCode.TooManyRequests);
  }

  @Test
  void aSelectionOutsideTheGatewaysSubsetIsRefused() {
    Dialogue dialogue = Dialogue.open(picker.channel());
    dialogue.send(
        Asking.headers(
            false, Map.of(":method", "POST", ":path", "/any", SELECTION, POOL.get(0).hostPort())));
    dialogue.send(Messages.withSubset(Messages.requestBody(BODY, true), POOL.get(1).hostPort()));

    assertThat(Asking.refused(dialogue).getStatus().getCode())
        .isEqualTo(StatusCode.TooManyRequests);
  }

  @Test
  void theResponseNamesTheEndpointThatServed() {
    assertThat(servedHeader("192.0.2.1:3000")).isEqualTo("192.0.2.1:3000");
  }

  @Test
  void theResponseReportsThatTheGatewaySentNoMetadata() {
    assertThat(servedHeader(null)).isEqualTo("fail: missing envoy lb metadata");
  }

  private static String servedHeader(@Nullable String served) {
    Dialogue dialogue = post(picker, POOL.getFirst().hostPort());
    Asking.routed(dialogue);
    ProcessingRequest headers = Messages.responseHeaders(true, ":status", "200");
    dialogue.send(served == null ? headers : withServed(headers, served));

    Map<String, String> set =
        Messages.setBy(dialogue.next().getResponseHeaders().getResponse().getHeaderMutation());
    dialogue.halfClose().end();
    return String.valueOf(set.get(SERVED));
  }

  private static ProcessingRequest withServed(ProcessingRequest message, String endpoint) {
    Struct namespace =
        Struct.newBuilder()
            .putFields(
                "x-gateway-destination-endpoint-served",
                Value.newBuilder().setStringValue(endpoint).build())
            .build();
    return message.toBuilder()
        .setMetadataContext(Metadata.newBuilder().putFilterMetadata("envoy.lb", namespace))
        .build();
  }
}
