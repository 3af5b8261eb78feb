package ai.llmd.epp.acceptance.scenario;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.Asking.Routed;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import ai.llmd.epp.bootstrap.EndpointPicker;
import ai.llmd.epp.cli.CommandLineResult;
import ai.llmd.epp.cli.EppCommandLine;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.type.v3.StatusCode;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Cases of the server (SV), the runner (RN) and request control (RC). */
class ServedProgramTest {

  private static final String CONFIGURATION = RunningPicker.configuration("queue-scorer");
  private static final Map<String, String> ONLY_IF_CACHED = Map.of("prefer", "if-available");
  private static final String PROMPT = completion("m", "a prompt of some length ".repeat(100));

  private final ModelServer server = ModelServer.loaded("pod-0", 0, 0.1);
  private final List<ModelServer> servers = List.of(server);

  @AfterEach
  void stop() {
    server.close();
  }

  private RunningPicker start(String... flags) {
    return RunningPicker.start(CONFIGURATION, servers, flags);
  }

  @Test
  void aRequestWhoseResponseIsOfNoInterestEndsTheStream() {
    try (RunningPicker picker = start()) {
      String body = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
      Dialogue dialogue = Asking.open(picker, Map.of(":path", "/v1/messages/count_tokens"), body);

      Routed routed = Asking.routed(dialogue);

      assertThat(routed.destination()).isEqualTo(server.hostPort());
      assertThat(routed.bodyText()).isEqualTo(body);
      assertThat(dialogue.end().isOk()).isTrue();
    }
  }

  @Test
  void aMessageOfFiveMegabytesExceedsTheDefaultLimit() {
    try (RunningPicker picker = start()) {
      Dialogue dialogue = Asking.open(picker, Map.of(), completion("m", "x".repeat(5 << 20)));

      assertThat(dialogue.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(routes(picker)).isTrue();
    }
  }

  @Test
  void aConfigurationAsFileAndAsTextIsRefused() {
    CommandLineResult result =
        EppCommandLine.parse(
            Map.of(), "--pool-name=p", "--config-file=/nowhere", "--config-text=plugins: []");

    assertThat(result)
        .isInstanceOfSatisfying(
            CommandLineResult.Exit.class,
            exit -> {
              assertThat(exit.code()).isEqualTo(1);
              assertThat(exit.text()).contains("config-file").contains("config-text");
            });
  }

  @Test
  void endpointsInAFileAreServedUntilTheProgramStops() throws Exception {
    int[] ports;
    try (RunningPicker picker = start("--grpc-max-recv-msg-size=16Mi")) {
      assertThat(health(picker)).isEqualTo(ServingStatus.SERVING);
      String large = completion("m", "x".repeat(5 << 20));
      assertThat(Asking.route(picker, Map.of(), large).bodyText()).isEqualTo(large);
      assertThat(picker.metrics().text())
          .contains("llm_d_epp_request_total{", "inference_pool_ready_pods{", "llm_d_epp_info{");
      ports = new int[] {picker.grpcPort(), picker.healthPort(), picker.metricsPort()};
    }
    for (int port : ports) {
      assertThatThrownBy(() -> connect(port)).as("port %d", port).hasMessageContaining("refused");
    }
  }

  private static void connect(int port) throws Exception {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
    }
  }

  private static ServingStatus health(RunningPicker picker) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", picker.healthPort()).usePlaintext().build();
    try {
      return HealthGrpc.newBlockingStub(channel)
          .check(HealthCheckRequest.getDefaultInstance())
          .getStatus();
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void anUndeclaredDiscoveryStopsTheStart() {
    String configuration =
        CONFIGURATION.replace("discovery: {pluginRef: endpoints}", "discovery: {pluginRef: else}");

    assertThatThrownBy(() -> EndpointPicker.start(RunningPicker.options(configuration, servers)))
        .hasMessageContaining("discovery")
        .hasMessageContaining("\"else\"");
  }

  @Test
  void aDiscoveryOfAnotherKindStopsTheStart() {
    String configuration =
        CONFIGURATION.replace(
            "discovery: {pluginRef: endpoints}", "discovery: {pluginRef: queue-scorer}");

    assertThatThrownBy(() -> EndpointPicker.start(RunningPicker.options(configuration, servers)))
        .hasMessageContaining("discovery")
        .hasMessageContaining("queue-scorer")
        .hasMessageContaining("EndpointDiscovery");
  }

  @Test
  void theFairnessHeaderIsCountedAndItsAbsenceToo() {
    try (RunningPicker picker = start()) {
      Asking.route(picker, Map.of("x-gateway-inference-fairness-id", "team"), completion("m", "a"));
      Asking.route(picker, Map.of(), completion("m", "b"));

      assertThat(picker.metrics().sum("llm_d_epp_request_total", "fairness_id=\"team\""))
          .isEqualTo(1);
      assertThat(picker.metrics().sum("llm_d_epp_request_total", "fairness_id=\"default-flow\""))
          .isEqualTo(1);
    }
  }

  @Test
  void aPoolWithoutServersIsUnavailable() {
    try (RunningPicker picker = RunningPicker.start(CONFIGURATION, List.of())) {
      ImmediateResponse refused =
          Asking.refused(Asking.open(picker, Map.of(), completion("m", "a")));

      assertThat(refused.getStatus().getCode()).isEqualTo(StatusCode.ServiceUnavailable);
      assertThat(Messages.setBy(refused.getHeaders()))
          .containsEntry("x-llm-d-request-dropped-reason", "rejected-no-endpoints");
    }
  }

  @Test
  void aServerThatHoldsThePrefixServesWhoWantsNoOther() {
    try (RunningPicker picker = startWith("featureGates: [conditionalDecode]")) {
      assertNotCached(picker, ONLY_IF_CACHED);

      Asking.route(picker, Map.of(), PROMPT);
      assertThat(Asking.route(picker, ONLY_IF_CACHED, PROMPT).destination())
          .isEqualTo(server.hostPort());
    }
  }

  @Test
  void showsWhatIsCachedToCoordinatorsAlone() {
    try (RunningPicker picker = startWith("featureGates: []")) {
      assertThat(Asking.route(picker, ONLY_IF_CACHED, PROMPT).destination())
          .isEqualTo(server.hostPort());
    }
  }

  @Test
  void aTenantFindsNothingOfWhatAnotherHasAsked() {
    String separation = "featureGates: [conditionalDecode]\ntenants: {prefixesByHeader: X-Tenant}";
    try (RunningPicker picker = startWith(separation)) {
      Asking.route(picker, Map.of("x-tenant", "a"), PROMPT);

      assertNotCached(picker, Map.of("prefer", "if-available", "x-tenant", "b"));
      assertNotCached(picker, ONLY_IF_CACHED);
      Map<String, String> same = Map.of("prefer", "if-available", "x-tenant", "a");
      assertThat(Asking.route(picker, same, PROMPT).destination()).isEqualTo(server.hostPort());
    }
  }

  private RunningPicker startWith(String settings) {
    return RunningPicker.start(
        settings + "\n" + RunningPicker.configuration("prefix-cache-scorer"), servers);
  }

  private static void assertNotCached(RunningPicker picker, Map<String, String> headers) {
    ImmediateResponse refused = Asking.refused(Asking.open(picker, headers, PROMPT));
    assertThat(refused.getStatus().getCode()).isEqualTo(StatusCode.PreconditionFailed);
  }

  private static boolean routes(RunningPicker picker) {
    return !Asking.route(picker, Map.of(), completion("m", "again")).destination().isEmpty();
  }
}
