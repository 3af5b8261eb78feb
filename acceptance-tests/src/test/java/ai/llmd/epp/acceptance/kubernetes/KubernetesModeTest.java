package ai.llmd.epp.acceptance.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.k8s.api.InferencePool;
import ai.llmd.epp.adapter.k8s.api.InferencePoolSpec;
import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import ai.llmd.epp.bootstrap.EndpointPicker;
import ai.llmd.epp.bootstrap.StartException;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Health and the start, with a real API, real watches and a real health service. */
class KubernetesModeTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String EXT_PROC = "envoy.service.ext_proc.v3.ExternalProcessor";

  @TempDir Path folder;
  private final ApiServer server = new ApiServer();

  @AfterEach
  void close() {
    server.close();
  }

  private RunningPicker picker(String... flags) {
    return RunningPicker.inKubernetes(
        environment(),
        Stream.concat(
                Stream.of(
                    "--pool-name=llama",
                    "--pool-namespace=serving",
                    "--metrics-endpoint-auth=false") // AccessReview has tests of its own
                ,
                Stream.of(flags))
            .toArray(String[]::new));
  }

  private Map<String, String> environment() {
    return Map.of("KUBECONFIG", server.kubeconfig(folder).toString());
  }

  private void createPool(String protocol, int port) {
    InferencePool pool = new InferencePool();
    pool.setMetadata(
        new ObjectMetaBuilder().withNamespace(Pods.NAMESPACE).withName("llama").build());
    pool.setSpec(
        new InferencePoolSpec(
            new InferencePoolSpec.Selector(Pods.LABELS),
            List.of(new InferencePoolSpec.Port(port)),
            protocol,
            null));
    server.client().resource(pool).create();
  }

  private static ServingStatus health(RunningPicker picker, String service) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", picker.healthPort()).usePlaintext().build();
    try {
      return HealthGrpc.newBlockingStub(channel)
          .withDeadlineAfter(10, TimeUnit.SECONDS)
          .check(HealthCheckRequest.newBuilder().setService(service).build())
          .getStatus();
    } finally {
      channel.shutdownNow();
    }
  }

  private static void awaitReady(RunningPicker picker, String reason) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(picker.get("/readyz").body().lines()).first().isEqualTo(reason));
    assertThat(picker.get("/readyz").statusCode()).isEqualTo(reason.equals("ok") ? 200 : 503);
  }

  @Test
  void isReadyAsSoonAsThePoolIsKnownAndScrapesItsPods() {
    try (RunningPicker picker = picker();
        ModelServer model = ModelServer.loaded("m", 1, 0.5)) {
      awaitReady(picker, "the pool is not known");
      for (String service : List.of("", "readiness", "liveness", EXT_PROC, "inference-extension")) {
        assertThat(health(picker, service)).as(service).isEqualTo(ServingStatus.NOT_SERVING);
      }

      createPool("http", model.port());

      awaitReady(picker, "ok"); // without a single pod
      for (String service : List.of("", "readiness", "liveness", EXT_PROC, "inference-extension")) {
        assertThat(health(picker, service)).as(service).isEqualTo(ServingStatus.SERVING);
      }

      server.client().resource(Pods.ready("pod-1", "127.0.0.1", Pods.LABELS)).create();

      picker.awaitFresh(1);
      assertThat(picker.metrics().sum("llm_d_epp_kubernetes_watch_up")).isEqualTo(2);

      server.client().resources(InferencePool.class).inNamespace(Pods.NAMESPACE).delete();

      awaitReady(picker, "the pool is not known");
      picker.awaitFresh(0);
    }
  }

  @Test
  void isNotReadyForAProtocolThatNotEveryParserSupports() {
    createPool("http", 8000);
    String configuration =
        "requestHandler: {parsers: [{pluginRef: openai-parser}, {pluginRef: vllmgrpc-parser}]}";
    try (RunningPicker picker = picker("--config-text=" + configuration)) {
      awaitReady(picker, "not every parser supports http");
      assertThat(health(picker, "readiness")).isEqualTo(ServingStatus.NOT_SERVING);
      assertThat(health(picker, "liveness")).isEqualTo(ServingStatus.NOT_SERVING);
    }
  }

  @Test
  void isReadyForAProtocolThatItsParserSupports() {
    createPool("kubernetes.io/h2c", 8000);
    String configuration = "requestHandler: {parsers: [{pluginRef: vllmgrpc-parser}]}";
    try (RunningPicker picker = picker("--config-text=" + configuration)) {
      awaitReady(picker, "ok");
    }
  }

  @Test
  void staysReadyWhileTheApiServerIsAwayAndShowsForHowLong() {
    createPool("http", 8000);
    try (RunningPicker picker = picker()) {
      awaitReady(picker, "ok");

      server.goAway();

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                assertThat(picker.metrics().sum("llm_d_epp_kubernetes_watch_up")).isZero();
                assertThat(picker.metrics().sum("llm_d_epp_kubernetes_sync_age_seconds"))
                    .isPositive();
              });
      awaitReady(picker, "ok");
    }
  }

  @Test
  void findsPodsByLabelsWithoutAnyPool() {
    try (ModelServer model = ModelServer.loaded("m", 1, 0.5);
        RunningPicker picker =
            RunningPicker.inKubernetes(
                Map.of(
                    "KUBECONFIG",
                    server.kubeconfig(folder).toString(),
                    "NAMESPACE",
                    Pods.NAMESPACE,
                    "POD_NAME",
                    "my-epp-7d4b9c6f5-x2x4z"),
                "--endpoint-selector=app in (vllm)",
                "--metrics-endpoint-auth=false",
                "--endpoint-target-ports=" + model.port())) {
      awaitReady(picker, "ok");

      server.client().resource(Pods.ready("pod-1", "127.0.0.1", Pods.LABELS)).create();

      picker.awaitFresh(1);
      assertThat(picker.get("/metrics").body())
          .contains("llm_d_epp_ready_endpoints{name=\"my-epp\"} 1");
    }
  }

  @Test
  void needsToKnowItsDeploymentToSelectPods() {
    var options =
        RunningPicker.kubernetesOptions(
            environment(), "--endpoint-selector=app=vllm", "--endpoint-target-ports=8000");

    assertThatThrownBy(() -> EndpointPicker.start(options))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("POD_NAME");
  }

  @Test
  void saysWhyAKubeconfigCannotBeUsed() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.yaml"), "no: [yaml");
    var options =
        RunningPicker.kubernetesOptions(
            Map.of("KUBECONFIG", broken.toString()), "--pool-name=llama");

    assertThatThrownBy(() -> EndpointPicker.start(options))
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("endpoints: kubeconfig " + broken);
  }

  @Test
  void leadsBeforeItIsReadyWhereALeaderIsElected() {
    createPool("http", 8000);
    try (RunningPicker leader = picker("--ha-enable-leader-election")) {
      awaitReady(leader, "ok");
      assertThat(health(leader, "liveness")).isEqualTo(ServingStatus.SERVING);
      assertThat(health(leader, "readiness")).isEqualTo(ServingStatus.SERVING);
      assertThat(health(leader, "")).isEqualTo(ServingStatus.SERVING);
      assertThat(health(leader, EXT_PROC)).isEqualTo(ServingStatus.SERVING);
      assertThat(health(leader, "inference-extension")).isEqualTo(ServingStatus.SERVICE_UNKNOWN);
      var lease =
          server
              .client()
              .leases()
              .inNamespace(Pods.NAMESPACE)
              .withName("epp-serving-llama.llm-d.ai")
              .get();
      assertThat(lease.getSpec().getLeaseDurationSeconds()).isEqualTo(15);
      assertThat(lease.getSpec().getHolderIdentity()).matches(".+_[0-9a-f-]{36}");

      try (RunningPicker standby = picker("--ha-enable-leader-election")) {
        awaitReady(standby, "not the leader");
        assertThat(health(standby, "liveness")).isEqualTo(ServingStatus.SERVING);
        assertThat(health(standby, "readiness")).isEqualTo(ServingStatus.NOT_SERVING);
        assertThat(health(standby, EXT_PROC)).isEqualTo(ServingStatus.NOT_SERVING);
        assertThat(standby.metrics().sum("leader_election_master_status")).isZero();

        leader.drain();

        awaitReady(standby, "ok");
        assertThat(standby.metrics().sum("leader_election_master_status")).isEqualTo(1);
      }
    }
  }

  @Test
  void followsNothingAsAStandbyWithTheGate() {
    createPool("http", 8000);
    String configuration = "featureGates: [haPopulateNonLeaderDatastore=false]";
    try (RunningPicker leader = picker("--ha-enable-leader-election")) {
      awaitReady(leader, "ok");
      try (RunningPicker standby =
          picker("--ha-enable-leader-election", "--config-text=" + configuration)) {
        awaitReady(standby, "the pool is not known");

        leader.drain();

        awaitReady(standby, "ok");
      }
    }
  }

  @Test
  void isNotWatchedByHealthChecks() {
    createPool("http", 8000);
    try (RunningPicker picker = picker()) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", picker.healthPort()).usePlaintext().build();
      try {
        var answers =
            HealthGrpc.newBlockingStub(channel).watch(HealthCheckRequest.getDefaultInstance());
        assertThatThrownBy(answers::hasNext)
            .isInstanceOfSatisfying(
                StatusRuntimeException.class,
                e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED));
      } finally {
        channel.shutdownNow();
      }
    }
  }
}
