package ai.llmd.epp.adapter.extproc.body;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnginePriorityTest {

  private static int of(int priority, Map<String, String> labels) {
    Endpoint endpoint = Endpoint.of(new EndpointId("", "a"), "127.0.0.1", 1, labels);
    return EnginePriority.of(
        new Route(
            new RequestLabels("r", "m", "m", "f", priority),
            List.of(endpoint),
            new HeaderChanges(),
            null,
            List.of(),
            Evidence.NONE));
  }

  @Test
  void vllmServesTheLowerNumberFirst() {
    assertThat(of(5, Map.of())).isEqualTo(5);
    assertThat(of(5, Map.of("llm-d.ai/engine-type", "sglang"))).isEqualTo(5);
    assertThat(of(5, Map.of("llm-d.ai/engine-type", "VLLM"))).isEqualTo(-5);
    assertThat(of(-5, Map.of("inference.networking.k8s.io/engine-type", "vllm"))).isEqualTo(5);
    assertThat(of(Integer.MIN_VALUE, Map.of("llm-d.ai/engine-type", "vllm")))
        .isEqualTo(Integer.MAX_VALUE);
  }
}
