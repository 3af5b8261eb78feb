package ai.llmd.epp.domain.scheduling.scorer;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.facts.PeerEndpoint;
import ai.llmd.epp.domain.facts.Topologies;
import ai.llmd.epp.domain.facts.Topologies.Place;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.scorer.TopologyAffinityScorer.Parameters;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopologyAffinityScorerTest {

  private static final @Nullable Place[] PLACES = {
    new Place("h1", "r1", "z1", "g1"),
    new Place("h2", "r1", "z1", "g1"),
    new Place("h3", "r2", "z1", "g1"),
    new Place("h4", "r3", "z2", "g1"),
    new Place("h5", "r4", "z3", "g2"),
    new Place("", "r9", "", ""),
    null
  };

  private final TopologyAffinityScorer scorer = new TopologyAffinityScorer(new Parameters(""));

  @Test
  void prefersTheSameHostThenRackThenZoneThenRegion() {
    assertThat(scoresNear(new Place("h1", "r1", "z1", "g1")))
        .containsExactly(1, 0.2, 0.05, 0.02, 0, 0, 0);
  }

  @Test
  void unknownPlacesAreNeverTheSame() {
    assertThat(scoresNear(new Place("", "r9", "", "g1")))
        .containsExactly(0.02, 0.02, 0.02, 0.02, 0, 0.2, 0);
  }

  @Test
  void theSameHostIsEnoughWhateverTheWiderPlacesAre() {
    assertThat(scoresNear(new Place("h5", "zz", "z1", "")))
        .containsExactly(0.05, 0.05, 0.05, 0, 1, 0, 0);
  }

  @Test
  void scoresZeroWhenThePlaceOfTheEarlierPickIsUnknown() {
    assertThat(scoresNear(null)).containsOnly(0);
  }

  @Test
  void scoresZeroWithoutAnEarlierPick() {
    SchedulingCycle cycle =
        new CycleFixture()
            .idle(7)
            .fact(Topologies.keyOrDefault(""), new Topologies(PLACES))
            .build();
    assertThat(inOrder(cycle, scorer.score(cycle))).containsOnly(0);
  }

  @Test
  void scoresZeroWithoutAnyPlaces() {
    SchedulingCycle cycle = new CycleFixture().idle(2).fact(PeerEndpoint.KEY, peer()).build();
    assertThat(inOrder(cycle, scorer.score(cycle))).containsOnly(0);
  }

  @Test
  void readsTheProducerThatItsParametersName() {
    assertThat(new TopologyAffinityScorer(new Parameters("mine")).uses())
        .containsExactlyInAnyOrder(Topologies.key("mine"), PeerEndpoint.KEY);
    assertThat(TopologyAffinityScorer.TYPE.stability()).isEqualTo(Stability.ALPHA);
  }

  private double[] scoresNear(@Nullable Place place) {
    @Nullable Place[] withPeer = Arrays.copyOf(PLACES, PLACES.length + 1);
    withPeer[PLACES.length] = place;
    SchedulingCycle cycle =
        new CycleFixture()
            .idle(PLACES.length)
            .fact(Topologies.keyOrDefault(""), new Topologies(withPeer))
            .fact(PeerEndpoint.KEY, peer())
            .build();
    return inOrder(cycle, scorer.score(cycle));
  }

  /** An endpoint that is no candidate, in the slot behind them. */
  private static Candidate peer() {
    var id = new EndpointId("default", "peer");
    return new Candidate(
        PLACES.length, Endpoint.of(id, "10.0.1.1", 8000, Map.of()), EndpointLoad.UNSAMPLED);
  }
}
