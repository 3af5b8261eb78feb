package ai.llmd.epp.domain.scheduling.filter;

import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.facts.PeerEndpoint;
import ai.llmd.epp.domain.facts.Topologies;
import ai.llmd.epp.domain.facts.Topologies.Place;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.filter.TopologyAffinityFilter.Parameters;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopologyAffinityFilterTest {

  /** Ever further from the peer, then one of which only the rack is known, then nothing. */
  private static final Place[] PLACES = {
    new Place("h1", "r1", "z1", "g1"),
    new Place("h2", "r1", "z1", "g1"),
    new Place("h3", "r2", "z1", "g1"),
    new Place("h4", "r3", "z2", "g1"),
    new Place("h5", "r4", "z3", "g2"),
    new Place("", "r9", "", ""),
    null,
  };

  private static final Place PEER = new Place("h1", "r1", "z1", "g1");

  @ParameterizedTest
  @CsvSource({"host,1", "rack,2", "zone,3", "region,4", "'',1"})
  void keepsTheWantedLevelAndTighterOnes(String level, int kept) {
    assertThat(kept(level, PEER)).isEqualTo(pods().subList(0, kept));
  }

  @Test
  void comparesEachLevelForItself() {
    assertThat(kept("zone", new Place("h5", "r9", "z7", "g7"))).containsExactly("pod-4", "pod-5");
  }

  @Test
  void keepsAllWhenNoneIsNear() {
    assertThat(kept("region", new Place("x", "x", "x", "x"))).isEqualTo(pods());
  }

  @Test
  void takesUnknownNamesForDifferentOnes() {
    assertThat(kept("region", new Place("", "", "", ""))).isEqualTo(pods());
    assertThat(kept("rack", new Place("", "r9", "", ""))).containsExactly("pod-5");
  }

  @Test
  void keepsAllWithoutAPeerOrItsPlace() {
    var filter = new TopologyAffinityFilter(TopologyAffinityFilter.TYPE.defaults());
    SchedulingCycle alone =
        new CycleFixture()
            .idle(PLACES.length)
            .fact(Topologies.keyOrDefault(""), new Topologies(PLACES))
            .build();
    assertThat(filter.filter(alone)).isSameAs(alone.candidates());
    SchedulingCycle unplaced =
        new CycleFixture().idle(2).fact(PeerEndpoint.KEY, alone.candidates().get(0)).build();
    assertThat(filter.filter(unplaced)).isSameAs(unplaced.candidates());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Host", "none", " host"})
  void refusesUnknownLevels(String level) {
    assertThatThrownBy(() -> new Parameters(level, ""))
        .hasMessage("minAffinity must be host, rack, zone or region, was \"" + level + '"');
  }

  @Test
  void readsTheProducerThatItsParametersName() {
    var filter = new TopologyAffinityFilter(new Parameters("host", "mine"));
    assertThat(filter.uses()).containsExactlyInAnyOrder(Topologies.key("mine"), PeerEndpoint.KEY);
  }

  private static List<String> pods() {
    return names(new CycleFixture().idle(PLACES.length).build().candidates());
  }

  private static List<String> kept(String level, Place peerPlace) {
    int peerSlot = PLACES.length;
    Place[] places = Arrays.copyOf(PLACES, peerSlot + 1);
    places[peerSlot] = peerPlace;
    Endpoint peer = Endpoint.of(new EndpointId("", "peer"), "10.9.9.9", 8000, Map.of());
    SchedulingCycle cycle =
        new CycleFixture()
            .idle(PLACES.length)
            .fact(Topologies.keyOrDefault(""), new Topologies(places))
            .fact(PeerEndpoint.KEY, new Candidate(peerSlot, peer, EndpointLoad.UNSAMPLED))
            .build();
    return names(new TopologyAffinityFilter(new Parameters(level, "")).filter(cycle));
  }
}
