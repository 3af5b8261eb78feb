package ai.llmd.epp.acceptance.cases;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.acceptance.stack.EndpointsFile;
import ai.llmd.epp.acceptance.stack.SharedStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The network between the first of three replicas and one of two servers is cut, without a gateway:
 * what each replica decides meanwhile.
 */
class CutReplicaTest {

  private static final int REPLICAS = 3;
  private static final int REQUESTS = 40;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String PEERS = "llm_d_epp_state_replicas";

  private final SharedStore store = SharedStore.Kind.REDIS.start(REPLICAS);
  private final ModelServer other = ModelServer.loaded("other", 1, 0.1);
  private final ModelServer server = ModelServer.loaded("server", 1, 0.1);
  private final CutWire wire = CutWire.to(server.port());
  private List<RunningPicker> replicas = List.of();

  @BeforeEach
  void start(@TempDir Path folder) {
    List<Integer> ports = List.of(other.port(), server.port());
    var direct = new EndpointsFile(folder.resolve("direct.json"));
    direct.list(ports);
    var wired = new EndpointsFile(folder.resolve("wired.json"));
    wired.listThrough(ports, Map.of(server.port(), wire.port()));
    replicas =
        IntStream.range(0, REPLICAS).mapToObj(i -> replica(i == 0 ? wired : direct)).toList();
    replicas.forEach(replica -> replica.awaitSum(PEERS, REPLICAS - 1));
    replicas.forEach(replica -> replica.awaitFresh(2));
  }

  private RunningPicker replica(EndpointsFile endpoints) {
    String configuration =
        RunningPicker.configuration("queue-scorer")
            .replace("${ENDPOINTS_FILE}", endpoints.path().toString());
    return RunningPicker.startUnawares(configuration + store.configuration(), List.of());
  }

  @AfterEach
  void stop() {
    replicas.forEach(RunningPicker::close);
    wire.close();
    other.close();
    server.close();
    store.close();
  }

  private void awaitHealthy(long... expected) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(healthy()).isEqualTo(expected));
  }

  private long[] healthy() {
    return replicas.stream()
        .mapToLong(
            replica ->
                (long) replica.metrics().sum("llm_d_epp_endpoint_health", "state=\"healthy\""))
        .toArray();
  }

  /** How many requests to a replica went to this port. */
  private static long sentTo(int port, RunningPicker replica) {
    return IntStream.range(0, REQUESTS)
        .mapToObj(i -> Asking.route(replica, Map.of(), completion("m", "prompt " + i)))
        .filter(routed -> routed.destination().equals("127.0.0.1:" + port))
        .count();
  }

  @Test
  void theOthersKeepUsingTheServer() {
    assertThat(sentTo(wire.port(), replicas.get(0))).isPositive();

    wire.cut();

    awaitHealthy(1, 2, 2);
    assertThat(sentTo(wire.port(), replicas.get(0))).isZero();
    assertThat(sentTo(server.port(), replicas.get(1))).isBetween(REQUESTS / 8L, REQUESTS * 7L / 8);
    assertThat(sentTo(server.port(), replicas.get(2))).isBetween(REQUESTS / 8L, REQUESTS * 7L / 8);
    assertThat(healthy()).containsExactly(1, 2, 2);

    wire.mend();

    awaitHealthy(2, 2, 2);
    assertThat(sentTo(wire.port(), replicas.get(0))).isPositive();
  }
}
