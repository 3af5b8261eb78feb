package ai.llmd.epp.application.degradation;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.DegradationObserver.Step;
import ai.llmd.epp.application.port.out.WatchStatus;
import ai.llmd.epp.application.waiting.Breakers;
import ai.llmd.epp.domain.health.EndpointHealth.State;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CausesTest {

  private static final EndpointLoad KNOWN = CycleFixture.load(1, 1, 0.5);

  private final CycleFixture pool = new CycleFixture();
  private final List<State> states = new ArrayList<>();
  private List<Breakers.Status> waits = List.of();
  private boolean isStoreAway;
  private List<GivesUp> plugins = List.of();
  private List<WatchStatus> watches = List.of();

  private void endpoint(EndpointLoad load, State state) {
    pool.endpoint(load);
    states.add(state);
  }

  private Set<Step> steps() {
    return new Causes(
            () -> pool.build().candidates(),
            candidate -> states.get(candidate.slot()),
            () -> waits,
            () -> isStoreAway,
            () -> plugins,
            () -> watches)
        .now();
  }

  @Test
  void isNoneWhileAllIsWell() {
    endpoint(KNOWN, State.HEALTHY);
    endpoint(KNOWN, State.SUSPECT); // for a second
    waits = List.of(new Breakers.Status("DataProducer", "tokens", "tokens", false, 7));
    watches = List.of(new WatchStatus("pods", true, 0, 60, 5));

    assertThat(steps()).isEmpty();
  }

  @Test
  void isNoneOfAnEmptyPool() {
    assertThat(steps()).isEmpty();
  }

  @Test
  void areOpenBreakers() {
    waits =
        List.of(
            new Breakers.Status("DataProducer", "a", "a", false, 0),
            new Breakers.Status("DataProducer", "b", "b", true, 0));

    assertThat(steps()).containsExactly(Step.PLUGINS_SKIPPED);
  }

  @Test
  void areWhatPluginsKnowByThemselves() {
    plugins =
        List.of(
            Set::of,
            () -> Set.of(Step.PREFIXES_DISTRUSTED),
            () -> Set.of(Step.PREFIXES_INCOMPLETE));

    assertThat(steps())
        .containsExactlyInAnyOrder(Step.PREFIXES_INCOMPLETE, Step.PREFIXES_DISTRUSTED);
  }

  @Test
  void areAStoreAndAnApiServerThatAreAway() {
    isStoreAway = true;
    watches =
        List.of(
            new WatchStatus("inferencepools", true, 0, 0, 1),
            new WatchStatus("pods", false, 3, 0, 1));

    assertThat(steps()).containsExactlyInAnyOrder(Step.API_SERVER_AWAY, Step.STATE_STORE_AWAY);
  }

  @Test
  void areEndpointsThatAreOutButNotWhatIsUnknownOfThem() {
    endpoint(KNOWN, State.HEALTHY);
    endpoint(EndpointLoad.UNSAMPLED, State.OUT);
    endpoint(EndpointLoad.UNSAMPLED, State.PROBING);

    assertThat(steps()).containsExactly(Step.ENDPOINTS_OUT);
  }

  @Test
  void areAllEndpointsBeingOut() {
    endpoint(KNOWN, State.OUT);
    endpoint(KNOWN, State.PROBING);

    assertThat(steps()).containsExactly(Step.ALL_ENDPOINTS_OUT);
  }

  @Test
  void areLoadsThatAreNotKnown() {
    endpoint(EndpointLoad.UNSAMPLED, State.HEALTHY);
    assertThat(steps()).containsExactly(Step.LOADS_UNKNOWN);

    endpoint(KNOWN, State.HEALTHY);
    assertThat(steps()).containsExactly(Step.LOADS_PARTLY_UNKNOWN);
  }

  @Test
  void areNotLoadsThatCountAsZeroWhenTheyAreNotReported() {
    endpoint(EndpointLoad.UNSAMPLED_AS_ZERO, State.HEALTHY);

    assertThat(steps()).isEmpty();
  }
}
