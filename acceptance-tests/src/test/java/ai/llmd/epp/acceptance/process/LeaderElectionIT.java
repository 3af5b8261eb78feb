package ai.llmd.epp.acceptance.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.k8s.api.InferencePool;
import ai.llmd.epp.adapter.k8s.api.InferencePoolSpec;
import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two programs, one lease, with the timings of production. */
class LeaderElectionIT {

  /** The lease of 15 s, two attempts of up to 2 s each, and a machine that is busy. */
  private static final Duration TAKEOVER = Duration.ofSeconds(30);

  @TempDir Path folder;
  private final ApiServer server = new ApiServer();
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeEach
  void createPool() {
    InferencePool pool = new InferencePool();
    pool.setMetadata(
        new ObjectMetaBuilder().withNamespace(Pods.NAMESPACE).withName("llama").build());
    pool.setSpec(
        new InferencePoolSpec(
            new InferencePoolSpec.Selector(Pods.LABELS),
            List.of(new InferencePoolSpec.Port(8000)),
            "http",
            null));
    server.client().resource(pool).create();
  }

  @AfterEach
  void close() {
    http.close();
    server.close();
  }

  private EppProgram start(String name) throws IOException {
    Path own = Files.createDirectory(folder.resolve(name));
    EppProgram epp =
        EppProgram.start(
            own,
            Map.of("KUBECONFIG", server.kubeconfig(own).toString()),
            "--pool-name=llama",
            "--pool-namespace=" + Pods.NAMESPACE,
            "--ha-enable-leader-election",
            "--drain-timeout=1s",
            "--secure-serving=false",
            "--grpc-port=0",
            "--grpc-health-port=0",
            "--metrics-port=0");
    epp.awaitServing();
    return epp;
  }

  private void awaitReadiness(EppProgram epp, String expected) throws IOException {
    URI page = URI.create("http://127.0.0.1:" + epp.port("metricsPort") + "/readyz");
    await()
        .atMost(TAKEOVER)
        .untilAsserted(
            () ->
                assertThat(
                        http.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString())
                            .body())
                    .isEqualTo(expected + "\n"));
  }

  @Test
  void aStandbyTakesOverWhenTheLeaderDies() throws Exception {
    try (EppProgram first = start("first")) {
      awaitReadiness(first, "ok");
      try (EppProgram second = start("second")) {
        awaitReadiness(second, "not the leader");

        first.kill();

        awaitReadiness(second, "ok");
      }
    }
  }

  @Test
  void aLeaderThatCannotRenewIsNotReadyAndLeadsOnWhenItCan() throws Exception {
    try (EppProgram only = start("only")) {
      awaitReadiness(only, "ok");

      server.fallSilent();
      awaitReadiness(only, "not the leader");

      server.comeBack();
      awaitReadiness(only, "ok");
    }
  }

  @Test
  void aLeaderWhoseLeaseAnotherHasTakenDrainsAndEndsWithStatus1() throws Exception {
    try (EppProgram only = start("only")) {
      awaitReadiness(only, "ok");

      var leases = server.client().leases().inNamespace(Pods.NAMESPACE);
      leases
          .withName("epp-" + Pods.NAMESPACE + "-llama.llm-d.ai")
          .edit(
              lease -> {
                lease.getSpec().setHolderIdentity("another_1");
                return lease;
              });

      assertThat(only.exitCode(TAKEOVER)).isEqualTo(1);
      assertThat(only.err()).contains("the lease is lost");
    }
  }

  @Test
  void aLeaderThatIsAskedToEndHandsOverAtOnceAndEndsWithStatus0() throws Exception {
    try (EppProgram first = start("first");
        EppProgram second = start("second")) {
      awaitReadiness(first, "ok");
      awaitReadiness(second, "not the leader");

      first.terminate();

      assertThat(first.exitCode(TAKEOVER)).isZero();
      awaitReadiness(second, "ok");
    }
  }
}
