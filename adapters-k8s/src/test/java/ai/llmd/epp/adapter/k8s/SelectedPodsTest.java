package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A pool without an InferencePool. */
class SelectedPodsTest {

  @Test
  void areFollowedWithoutAnyCrd() {
    try (ApiServer server = new ApiServer()) {
      server.forbid("/apis/"); // nothing but pods may be read
      var watched =
          new WatchedPool.BySelector(
              Pods.NAMESPACE,
              "epp",
              LabelSelector.parse("app in (vllm,sglang),!spot"),
              List.of(8000, 8001));
      server.client().resource(Pods.ready(1)).create();
      server
          .client()
          .resource(Pods.ready("cheap", "10.0.0.2", Map.of("app", "vllm", "spot", "1")))
          .create();
      try (var following = Following.start(server, watched)) {
        following.awaitNames("pod-1-rank-0", "pod-1-rank-1");
        following.awaitKnown();
        assertThat(following.pool.appProtocol()).isEmpty();

        server.client().resource(Pods.ready("other", "10.0.0.3", Map.of("app", "sglang"))).create();

        following.awaitNames("other-rank-0", "other-rank-1", "pod-1-rank-0", "pod-1-rank-1");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "epp-7d4b9c6f5-x2x4z,epp",
    "my-fine-epp-7d4b9c6f5-x2x4z,my-fine-epp",
    "epp-0,''",
    "epp,''",
    "'',''",
    "epp-7D4-x,''",
  })
  void belongToTheDeploymentOfThePodName(String pod, String deployment) {
    assertThat(WatchedPool.BySelector.deploymentOf(pod).orElse("")).isEqualTo(deployment);
  }
}
