package ai.llmd.epp.domain.scheduling.filter;

import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.filter.SloHeadroomTierFilter.Parameters;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SloHeadroomTierFilterTest {

  private static final @Nullable Prediction NONE = null;

  @Test
  void keepsWhoMeetsBothObjectives() {
    assertThat(kept(0, headroom(5, 1), headroom(-1, 5), NONE, headroom(0, 0), headroom(9, -1)))
        .containsExactly("pod-0", "pod-3");
  }

  @Test
  void keepsTheOthersWhenExploringTheUnpredictedLast() {
    assertThat(kept(1, NONE, headroom(5, 1), headroom(-1, 5), NONE, headroom(1, Double.NaN)))
        .containsExactly("pod-2", "pod-4", "pod-0", "pod-3");
  }

  @Test
  void keepsTheOthersWhenNoneMeetsTheObjectives() {
    assertThat(kept(0, NONE, headroom(-1, -1))).containsExactly("pod-1", "pod-0");
  }

  @Test
  void keepsAllWhenAllMeetThem() {
    assertThat(kept(1, headroom(1, 1), headroom(2, 2))).containsExactly("pod-0", "pod-1");
  }

  @Test
  void keepsAllWithoutPredictionsAndASingleCandidateAnyway() {
    SchedulingCycle unknown = new CycleFixture().idle(2).build();
    assertThat(filter(0).filter(unknown)).isSameAs(unknown.candidates());
    assertThat(kept(0, NONE, NONE)).containsExactly("pod-0", "pod-1");
    assertThat(kept(0, headroom(-1, -1))).containsExactly("pod-0");
  }

  @Test
  void paysNoHeedToTheValidityFlags() {
    assertThat(kept(0, new Prediction(false, false, 1, 1, 1, 1, 0), headroom(-1, 0)))
        .containsExactly("pod-0");
  }

  @Test
  void exploresAsOftenAsConfigured() {
    SchedulingCycle cycle = cycle(headroom(1, 1), headroom(-1, 1), headroom(-1, 1));
    SloHeadroomTierFilter filter = filter(0.25);
    int explored = 0;
    for (int i = 0; i < 4_000; i++) {
      explored += filter.filter(cycle).size() - 1;
    }
    assertThat(explored / 4_000.0).isCloseTo(0.25, within(0.05));
  }

  @Test
  void refusesAShareOutsideTheUnitInterval() {
    assertThatThrownBy(() -> filter(-0.1))
        .hasMessage("epsilonExploreNeg must be within 0 and 1, was -0.1");
    assertThatThrownBy(() -> filter(1.1)).hasMessageContaining("was 1.1");
    assertThatThrownBy(() -> filter(Double.NaN)).hasMessageContaining("was NaN");
  }

  @Test
  void readsTheProducerThatItsParametersName() {
    assertThat(new SloHeadroomTierFilter(new Parameters(0, "mine")).requires())
        .containsExactly(LatencyPredictions.key("mine"));
  }

  private static List<String> kept(double explored, @Nullable Prediction... predictions) {
    return names(filter(explored).filter(cycle(predictions)));
  }

  private static SloHeadroomTierFilter filter(double explored) {
    return new SloHeadroomTierFilter(new Parameters(explored, ""));
  }

  private static SchedulingCycle cycle(@Nullable Prediction... predictions) {
    return new CycleFixture()
        .idle(predictions.length)
        .fact(LatencyPredictions.keyOrDefault(""), new LatencyPredictions(predictions))
        .build();
  }

  private static Prediction headroom(double ttft, double tpot) {
    return new Prediction(true, true, ttft, tpot, 1, 1, 0);
  }
}
