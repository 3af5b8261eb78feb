package ai.llmd.epp.domain.scheduling.filter;

import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.filter.LabelSelectorFilter.Expression;
import ai.llmd.epp.domain.scheduling.filter.LabelSelectorFilter.Parameters;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiltersTest {

  private static final EndpointLoad IDLE = EndpointLoad.UNSAMPLED;

  @Test
  void labelSelectorKeepsWhatMatchesEveryTerm() {
    var filter =
        new LabelSelectorFilter(
            new Parameters(
                Map.of("zone", "a"),
                List.of(
                    new Expression("tier", "In", List.of("gold", "silver")),
                    new Expression("drain", "DoesNotExist", List.of()))));
    var cycle =
        new CycleFixture()
            .endpoint(IDLE, Map.of("zone", "a", "tier", "gold"))
            .endpoint(IDLE, Map.of("zone", "a", "tier", "gold", "drain", ""))
            .endpoint(IDLE, Map.of("zone", "b", "tier", "gold"))
            .endpoint(IDLE, Map.of("zone", "a"))
            .build();
    assertThat(names(filter.filter(cycle))).containsExactly("pod-0");
  }

  @Test
  void notInMatchesEndpointsWithoutTheLabel() {
    var filter =
        new LabelSelectorFilter(
            new Parameters(Map.of(), List.of(new Expression("tier", "NotIn", List.of("a")))));
    var cycle =
        new CycleFixture().endpoint(IDLE, Map.of("tier", "a")).endpoint(IDLE, Map.of()).build();
    assertThat(names(filter.filter(cycle))).containsExactly("pod-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "", "/x", "Up.er/x", "a/b/c", "-a"})
  void labelSelectorRefusesWhatIsNoLabelKey(String key) {
    assertThatThrownBy(() -> new Parameters(Map.of(key, "v"), List.of()))
        .hasMessageContaining("invalid label key \"" + key + "\"");
  }

  @Test
  void labelSelectorRefusesTermsThatKubernetesRefuses() {
    assertThatThrownBy(() -> new Expression("a", "In", List.of()))
        .hasMessage("values must be given for operator In");
    assertThatThrownBy(() -> new Expression("a", "Exists", List.of("x")))
        .hasMessage("values must be empty for operator Exists");
    assertThatThrownBy(() -> new Expression("a", "in", List.of("x")))
        .hasMessageContaining("was \"in\"");
    assertThatThrownBy(() -> new Expression("a", "In", List.of("x y")))
        .hasMessageContaining("invalid label value \"x y\"");
  }

  @Test
  void testingFilterFollowsTheHeadersOrderAndSkipsWhatItDoesNotKnow() {
    assertThat(kept("10.0.0.2:8001, 10.9.9.9 ,[fd00::1]:3002,10.0.0.1"))
        .containsExactly("c", "d", "a");
  }

  @Test
  void testingFilterKeepsOneEndpointPerAddress() {
    assertThat(kept("10.0.0.2:8000,10.0.0.2:8001")).containsExactly("b");
  }

  @Test
  void testingFilterTakesTheLastEndpointOfAnAddressWithoutPort() {
    assertThat(kept("10.0.0.2")).containsExactly("c");
    assertThat(kept("fd00::1")).containsExactly("d");
    assertThat(kept("[fd00::1]")).containsExactly("d");
  }

  @Test
  void testingFilterKeepsNothingWithoutAHeader() {
    assertThat(kept(" ")).isEmpty();
    var cycle = new CycleFixture().idle(2).build();
    assertThat(new HeaderBasedTestingFilter().filter(cycle).isEmpty()).isTrue();
  }

  private static List<String> kept(String header) {
    var fixture = new CycleFixture().headers(Map.of("test-epp-endpoint-selection", header));
    add(fixture, "a", "10.0.0.1", 8000);
    add(fixture, "b", "10.0.0.2", 8000);
    add(fixture, "c", "10.0.0.2", 8001);
    add(fixture, "d", "fd00::1", 3002);
    return names(new HeaderBasedTestingFilter().filter(fixture.build()));
  }

  private static void add(CycleFixture fixture, String name, String address, int port) {
    fixture.endpoint(Endpoint.of(new EndpointId("", name), address, port, Map.of()), IDLE);
  }
}
