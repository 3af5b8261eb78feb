package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which ports of a pod are served, as its annotation lists them. */
class ActivePortsTest {

  private static final List<Integer> PORTS = List.of(8000, 8001, 8002);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "''                    | ''",
        "8001                  | 8001",
        "8000,8002             | 8000 8002",
        "' 8000 , 8002 '       | 8000 8002",
        "'8000,8000'           | 8000",
        "8000x                 | 8000",
        "x8000                 | ''",
        "-8000                 | ''",
        "0                     | ''",
        "'abc,8001'            | 8001",
        "'9999,8001'           | 8001",
        "',,8001,'             | 8001",
        "99999999999999999999  | ''",
        "0008000               | 8000",
      })
  void areThoseThatAreListedAndTargeted(String listed, String expected) {
    Set<Integer> ports =
        Arrays.stream(expected.split(" "))
            .filter(port -> !port.isEmpty())
            .map(Integer::valueOf)
            .collect(Collectors.toSet());

    assertThat(ActivePorts.of(Map.of("llm-d.ai/active-ports", listed), PORTS)).isEqualTo(ports);
    assertThat(ActivePorts.of(Map.of("inference.networking.k8s.io/active-ports", listed), PORTS))
        .isEqualTo(ports);
  }

  @Test
  void areAllWithoutAnAnnotation() {
    assertThat(ActivePorts.of(null, PORTS)).containsExactlyInAnyOrderElementsOf(PORTS);
    assertThat(ActivePorts.of(Map.of("a", "8000"), PORTS)).hasSize(3);
  }

  @Test
  void followTheNewKeyWhereBothAreGiven() {
    assertThat(
            ActivePorts.of(
                Map.of(
                    "llm-d.ai/active-ports", "8001",
                    "inference.networking.k8s.io/active-ports", "8000"),
                PORTS))
        .containsExactly(8001);
  }

  @Test
  void takeEndpointsAwayAndGiveThemBackWhileThePodRuns() {
    try (ApiServer server = new ApiServer()) {
      server.client().resource(Pools.pool(8000, 8001, 8002)).create();
      server.client().resource(Pods.ready(1)).create();
      try (var following = Following.start(server)) {
        following.awaitSize(3);

        server.client().resource(annotated("8000,8002")).update();
        following.awaitNames("pod-1-rank-0", "pod-1-rank-2");

        server.client().resource(annotated("")).update();
        following.awaitNames();

        server.client().resource(annotated("8001")).update();
        following.awaitNames("pod-1-rank-1");
      }
    }
  }

  private static Pod annotated(String ports) {
    return new PodBuilder(Pods.ready(1))
        .editMetadata()
        .addToAnnotations("llm-d.ai/active-ports", ports)
        .endMetadata()
        .build();
  }
}
