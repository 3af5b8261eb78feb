package ai.llmd.epp.acceptance.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.acceptance.stack.RealApiServer;
import ai.llmd.epp.adapter.k8s.api.InferencePool;
import ai.llmd.epp.adapter.k8s.api.InferencePoolSpec;
import ai.llmd.epp.adapter.k8s.server.Pods;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pickers as the accounts that the charts make for them, with a real API server, RBAC and tokens.
 */
@NullUnmarked // the server is set before the first test
class RealKubernetesIT {

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String ACCOUNT = "llm-epp";
  private static final String READER = "llm-epp-metrics-reader";
  private static final String LEASE_FLAG = "--ha-enable-leader-election";
  private static final String NO_AUTH = "--metrics-endpoint-auth=false";

  @TempDir private static Path folder;
  private static RealApiServer server;

  @BeforeAll
  static void start() throws IOException {
    server = RealApiServer.start(folder);
    try (Stream<Path> files = Files.list(Manifests.DEPLOY.resolve("crds"))) {
      for (Path file :
          files.filter(it -> it.toString().contains("llm-d.ai") || isPool(it)).toList()) {
        Manifests.read(file).forEach(crd -> server.define((CustomResourceDefinition) crd));
      }
    }
  }

  private static boolean isPool(Path file) {
    return file.toString().contains("inferencepools");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.closeAll();
    }
  }

  /** A namespace with a release's rights: those of a leader and of whoever scrapes. */
  private static void install(String namespace, int port) throws IOException {
    server
        .client()
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
    for (String set : List.of("active-passive", "prometheus")) {
      String text = Files.readString(new ValueSet("gateway", set).rendered());
      Path there = folder.resolve(set + "-" + namespace + ".yaml");
      Files.writeString(there, text.replace("serving", namespace));
      Manifests.read(there).stream()
          .filter(RealKubernetesIT::isOfRights)
          .forEach(object -> server.client().resource(object).forceConflicts().serverSideApply());
    }
    server.client().resource(pool(namespace, port)).create();
  }

  private static boolean isOfRights(HasMetadata object) {
    return object.getKind().contains("Role") || object.getKind().equals("ServiceAccount");
  }

  private static InferencePool pool(String namespace, int port) {
    InferencePool pool = new InferencePool();
    pool.setMetadata(new ObjectMetaBuilder().withNamespace(namespace).withName("llm").build());
    pool.setSpec(
        new InferencePoolSpec(
            new InferencePoolSpec.Selector(Pods.LABELS),
            List.of(new InferencePoolSpec.Port(port)),
            "http",
            null));
    return pool;
  }

  /**
   * A pod as a kubelet would have it: the status is written after the rest.
   *
   * @param number the end of its address, which is of this machine
   */
  private static void createPod(KubernetesClient client, String namespace, int number) {
    Pod pod = Pods.ready("pod-" + number, "127.0.0." + number, Pods.LABELS);
    pod.getMetadata().setNamespace(namespace);
    Pod created = client.resource(pod).create();
    created.setStatus(pod.getStatus());
    client.resource(created).updateStatus();
  }

  private static RunningPicker picker(String namespace, String... flags) {
    List<String> all = new ArrayList<>(List.of("--pool-name=llm", "--pool-namespace=" + namespace));
    all.addAll(List.of(flags));
    return RunningPicker.inKubernetes(
        Map.of(
            "KUBECONFIG",
            server.kubeconfig(namespace, ACCOUNT).toString(),
            "POD_NAME",
            "llm-epp-6d4b75cb6d-x7k2p"),
        all.toArray(String[]::new));
  }

  private static boolean isReady(RunningPicker picker) {
    return picker.get("/readyz").statusCode() == 200;
  }

  private static int metrics(RunningPicker picker, String token) {
    URI uri = URI.create("http://127.0.0.1:" + picker.metricsPort() + "/metrics");
    HttpRequest request =
        HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token).build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Test
  void followsItsPoolWithItsOwnRightsOverARestartAndACompaction() throws Exception {
    try (ModelServer model = ModelServer.start("m", "0.0.0.0").reports(1, 0, 0.5)) {
      install("follows", model.port());
      createPod(server.client(), "follows", 1);
      createPod(server.client(), "follows", 2);
      try (RunningPicker picker = picker("follows", NO_AUTH);
          RealApiServer other = server.beside()) {
        picker.awaitFresh(2);
        assertThat(server.refused("follows", ACCOUNT))
            .isEmpty(); // later a server knows no roles yet

        server.kill();
        for (int pod = 3; pod <= 5; pod++) {
          createPod(other.client(), "follows", pod);
        }
        other.client().pods().inNamespace("follows").withName("pod-1").withGracePeriod(0).delete();
        other.compact();
        assertThat(isReady(picker)).as("it goes on with what it knows").isTrue();
        server.restart();

        picker.awaitFresh(4);
        createPod(server.client(), "follows", 6);
        picker.awaitFresh(5);
      }
    }
  }

  @Test
  void electsOneLeaderWhichAnotherFollows() throws Exception {
    install("elects", 8000);
    try (RunningPicker first = picker("elects", LEASE_FLAG, NO_AUTH)) {
      await().atMost(PATIENCE).until(() -> isReady(first));
      try (RunningPicker second = picker("elects", LEASE_FLAG, NO_AUTH)) {
        await().atMost(PATIENCE).until(() -> second.get("/readyz").body().contains("lead"));
        assertThat(isReady(first)).isTrue();

        first.close();

        await().atMost(PATIENCE).until(() -> isReady(second));
      }
    }
    assertThat(server.refused("elects", ACCOUNT)).isEmpty();
  }

  @Test
  void twoInTwoNamespacesAskWhoReadsTheirMetrics() throws Exception {
    install("first", 8000);
    install("second", 8000);
    try (RunningPicker first = picker("first");
        RunningPicker second = picker("second")) {
      await().atMost(PATIENCE).until(() -> isReady(first) && isReady(second));

      assertThat(metrics(first, server.token("first", READER))).isEqualTo(200);
      assertThat(metrics(second, server.token("second", READER))).isEqualTo(200);
      assertThat(metrics(first, "nothing")).isEqualTo(401);
      assertThat(metrics(first, server.token("first", ACCOUNT))).as("not a reader").isEqualTo(403);
    }
    assertThat(server.refused("first", ACCOUNT)).isEmpty();
    assertThat(server.refused("second", ACCOUNT)).isEmpty();
  }
}
