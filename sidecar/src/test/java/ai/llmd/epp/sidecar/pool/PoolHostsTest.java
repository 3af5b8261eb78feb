package ai.llmd.epp.sidecar.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoolHostsTest {

  private static final String POOLS =
      "/apis/inference.networking.k8s.io/v1/namespaces/serving/inferencepools";
  private static final String PODS = "/api/v1/namespaces/serving/pods";
  private static final PoolName POOL =
      new PoolName("inference.networking.k8s.io", "serving", "llm");
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  @TempDir private Path folder;
  private FakeApiServer server;

  @BeforeEach
  void start() throws IOException {
    server = new FakeApiServer();
    Files.writeString(folder.resolve("token"), "secret\n");
    server.list(POOLS, pool("app", "llm"));
    server.list(PODS, pod("one", "10.0.0.1") + "," + pod("two", "10.0.0.2"));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String pool(String label, String value) {
    return "{\"metadata\":{\"name\":\"llm\"},\"spec\":{\"selector\":{\"matchLabels\":{\""
        + label
        + "\":\""
        + value
        + "\"}}}}";
  }

  private static String pod(String name, String number) {
    return "{\"metadata\":{\"name\":\""
        + name
        + "\",\"resourceVersion\":\"8\"},\"status\":{\"podIP\":\""
        + number
        + "\"}}";
  }

  private PoolHosts follow(PoolName pool, Duration longestWait) throws IOException {
    return follow(pool, longestWait, Duration.ofMinutes(1));
  }

  private PoolHosts follow(PoolName pool, Duration longestWait, Duration silence)
      throws IOException {
    KubernetesApi api =
        new KubernetesApi(
            HttpClient.newHttpClient(), server.base(), folder.resolve("token"), silence);
    return PoolHosts.follow(api, pool, longestWait);
  }

  @Test
  void podsMayBeNamedByNumberAndName() throws Exception {
    server.list(PODS, pod("one", "10.0.0.1") + "," + pod("pending", ""));
    try (PoolHosts hosts = follow(POOL, LONGEST_WAIT)) {
      assertThat(hosts.isAllowed("10.0.0.1")).isTrue();
      assertThat(hosts.isAllowed("one")).isTrue();
      assertThat(hosts.isAllowed("pending")).isFalse();
      assertThat(hosts.isAllowed("10.0.0.2")).isFalse();
      assertThat(hosts.isAllowed("")).isFalse();
    }
    assertThat(server.authorization()).isEqualTo("Bearer secret");
    assertThat(server.asked())
        .anyMatch(one -> one.startsWith(POOLS + "?fieldSelector=metadata.name%3Dllm&"))
        .anyMatch(one -> one.startsWith(PODS + "?labelSelector=app%3Dllm&"));
  }

  @Test
  void podsComeChangeAndGo() throws Exception {
    try (PoolHosts hosts = follow(POOL, LONGEST_WAIT)) {
      server.tell(PODS, "ADDED", pod("three", "10.0.0.3"));
      await().until(() -> hosts.isAllowed("10.0.0.3"));
      server.tell(PODS, "MODIFIED", pod("three", "10.0.0.4"));
      await().until(() -> hosts.isAllowed("10.0.0.4"));
      assertThat(hosts.isAllowed("10.0.0.3")).isFalse();
      server.tell(PODS, "DELETED", pod("three", "10.0.0.4"));
      await().until(() -> !hosts.isAllowed("10.0.0.4"));
      assertThat(hosts.isAllowed("10.0.0.1")).isTrue();
    }
  }

  @Test
  void afterAnErrorAllIsListedAgain() throws Exception {
    try (PoolHosts hosts = follow(POOL, LONGEST_WAIT)) {
      server.list(PODS, pod("five", "10.0.0.5"));
      server.tell(PODS, "ERROR", "{\"code\":410,\"message\":\"too old\"}");
      await().until(() -> hosts.isAllowed("10.0.0.5"));
      assertThat(hosts.isAllowed("10.0.0.1")).isFalse();
      server.list(PODS, pod("six", "10.0.0.6"));
      server.endWatch(PODS);
      await().until(() -> hosts.isAllowed("10.0.0.6"));
    }
  }

  @Test
  void aListThatStopsInTheMiddleIsAskedForAgain() throws Exception {
    server.fallSilentInLists(1);
    try (PoolHosts hosts = follow(POOL, Duration.ofMinutes(1), Duration.ofMillis(300))) {
      await().until(() -> hosts.isAllowed("10.0.0.1"));
    }
  }

  @Test
  void aWatchThatFallsSilentIsReplaced() throws Exception {
    try (PoolHosts hosts = follow(POOL, LONGEST_WAIT, Duration.ofMillis(300))) {
      server.list(PODS, pod("five", "10.0.0.5"));
      await().until(() -> hosts.isAllowed("10.0.0.5"));
    }
  }

  @Test
  void anObjectThatCannotBeUsedEndsNothing() throws Exception {
    try (PoolHosts hosts = follow(POOL, LONGEST_WAIT)) {
      server.list(PODS, pod("five", "10.0.0.5"));
      server.tell(PODS, "ADDED", pod("odd", "10.0.0.9/odd"));
      await().until(() -> hosts.isAllowed("10.0.0.5"));
      assertThat(hosts.isAllowed("10.0.0.9")).isFalse();
    }
  }

  @Test
  void anotherSelectorMeansOtherPods() throws Exception {
    try (PoolHosts hosts = follow(POOL, LONGEST_WAIT)) {
      server.list(PODS, pod("six", "10.0.0.6"));
      server.tell(POOLS, "MODIFIED", pool("app", "other"));
      await().until(() -> hosts.isAllowed("10.0.0.6"));
      assertThat(hosts.isAllowed("10.0.0.1")).isFalse();
      assertThat(server.asked()).anyMatch(one -> one.contains("labelSelector=app%3Dother"));
    }
  }

  @Test
  void aPoolThatIsDeletedAllowsNone() throws Exception {
    try (PoolHosts hosts = follow(POOL, LONGEST_WAIT)) {
      server.tell(POOLS, "DELETED", pool("app", "llm"));
      await().until(() -> !hosts.isAllowed("10.0.0.1"));
      server.tell(POOLS, "ADDED", pool("app", "llm"));
      await().until(() -> hosts.isAllowed("10.0.0.1"));
    }
  }

  @Test
  void aPoolThatIsNotThereYetAllowsNone() throws Exception {
    server.list(POOLS, "");
    try (PoolHosts hosts = follow(POOL, LONGEST_WAIT)) {
      assertThat(hosts.isAllowed("10.0.0.1")).isFalse();
    }
  }

  @Test
  void theOlderGroupHasItsLabelsAtOnce() throws Exception {
    server.list(
        "/apis/inference.networking.x-k8s.io/v1alpha2/namespaces/serving/inferencepools",
        "{\"spec\":{\"selector\":{\"app\":\"llm\",\"a\":\"b\"}}}");
    PoolName older = new PoolName("inference.networking.x-k8s.io", "serving", "llm");
    try (PoolHosts hosts = follow(older, LONGEST_WAIT)) {
      assertThat(hosts.isAllowed("10.0.0.1")).isTrue();
    }
    assertThat(server.asked()).anyMatch(one -> one.contains("labelSelector=a%3Db%2Capp%3Dllm"));
  }

  @Test
  void withoutPermissionThereIsNoStart() {
    assertThatThrownBy(
            () ->
                follow(
                    new PoolName("inference.networking.k8s.io", "forbidden", "llm"),
                    Duration.ofMillis(200)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("forbidden/llm");
  }

  @Test
  void aPodOutsideOfAClusterIsTold() {
    assertThatThrownBy(() -> KubernetesApi.ofThisCluster(java.util.Map.of()))
        .hasMessageContaining("not in a cluster");
  }
}
