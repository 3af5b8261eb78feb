package ai.llmd.epp.application.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.llmd.epp.application.producer.TokenProducer;
import ai.llmd.epp.application.producer.TokenProducer.EndpointDiscovery;
import ai.llmd.epp.application.producer.TokenProducer.LoadBalancer;
import ai.llmd.epp.application.producer.TokenProducer.PortRule;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.scheduling.filter.LabelSelectorFilter;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DiscoveredRenderersTest {

  @Test
  void asksWhereEndpointsServeWithoutARule() {
    var renderers = new DiscoveredRenderers(discovery(0, ""));
    renderers.added(endpoint(0, "10.0.0.1", 1, Map.of()));
    renderers.added(endpoint(1, "fd00::1", 0, Map.of()));
    assertThat(renderers.get())
        .containsExactly(URI.create("http://10.0.0.1:8001"), URI.create("http://[fd00::1]:8000"));
  }

  @Test
  void addsTheRankToThePortOfTheFirstRuleThatMatches() {
    var renderers =
        new DiscoveredRenderers(
            discovery(0, "", rule("prefill", 8000), rule("decode", 8200), rule("odd", 65_535)));
    renderers.added(endpoint(0, "10.0.0.1", 3, Map.of("role", "decode")));
    renderers.added(endpoint(1, "10.0.0.2", 0, Map.of("role", "prefill")));
    renderers.added(endpoint(2, "10.0.0.3", 0, Map.of("role", "encode")));
    renderers.added(endpoint(3, "10.0.0.4", 1, Map.of("role", "odd")));
    assertThat(renderers.get())
        .containsExactly(URI.create("http://10.0.0.1:8203"), URI.create("http://10.0.0.2:8000"));
    renderers.changed(endpoint(0, "10.0.0.1", 3, Map.of("role", "encode")));
    assertThat(renderers.get()).containsExactly(URI.create("http://10.0.0.2:8000"));
  }

  @Test
  void leavesOutWhatHasTooLittleRoomOrNamesNone() {
    var renderers = new DiscoveredRenderers(discovery(8192, "limit"));
    renderers.added(endpoint(0, "10.0.0.1", 0, Map.of("limit", "8192")));
    renderers.added(endpoint(1, "10.0.0.2", 0, Map.of("limit", "8191")));
    renderers.added(endpoint(2, "10.0.0.3", 0, Map.of("limit", "many")));
    renderers.added(endpoint(3, "10.0.0.4", 0, Map.of()));
    assertThat(renderers.get()).containsExactly(URI.create("http://10.0.0.1:8000"));
  }

  @Test
  void refusesWhatCannotBeMeant() {
    assertThatIllegalArgumentException().isThrownBy(() -> rule("x", 0));
    assertThatIllegalArgumentException().isThrownBy(() -> rule("x", 65_536));
    assertThatIllegalArgumentException().isThrownBy(() -> new LoadBalancer("random"));
    assertThatIllegalArgumentException().isThrownBy(() -> discovery(1, ""));
  }

  @Test
  void takesLimitsThatWouldHaveToBeAskedForWithAWarning() {
    var asking = new EndpointDiscovery(List.of(), new LoadBalancer(""), null, true, 4096, "");
    var vllm =
        new TokenProducer.Vllm(
            "", Duration.ZERO, Duration.ZERO, "", "", "", "", "", false, false, null, asking);
    var parameters =
        new TokenProducer.Parameters(
            "m", vllm, null, null, TokenProducer.Parameters.DEFAULT.estimate());
    assertThat(parameters.deprecations())
        .singleElement()
        .asString()
        .contains("discoverModelLimits", "contextLimitLabel");
    var renderers = new DiscoveredRenderers(asking);
    renderers.added(endpoint(0, "10.0.0.1", 0, Map.of()));
    assertThat(renderers.get()).hasSize(1);
  }

  private static EndpointDiscovery discovery(int room, String label, PortRule... rules) {
    return new EndpointDiscovery(
        List.of(rules), new LoadBalancer("round-robin"), null, false, room, label);
  }

  private static PortRule rule(String role, int basePort) {
    return new PortRule(
        new LabelSelectorFilter.Parameters(Map.of("role", role), List.of()), basePort);
  }

  private static EndpointState endpoint(
      int slot, String address, int rank, Map<String, String> labels) {
    var id = new EndpointId("ns", "p" + slot);
    return new EndpointState(
        slot, slot + 1, new Endpoint(id, id.name(), address, 8000 + rank, "m:1", labels, rank));
  }
}
