package ai.llmd.epp.application.degradation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.llmd.epp.application.port.out.DegradationObserver.Degradation;
import ai.llmd.epp.application.port.out.DegradationObserver.Step;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DegradationLadderTest {

  private final EnumSet<Step> causes = EnumSet.noneOf(Step.class);
  private final List<String> reported = new ArrayList<>();
  private final DegradationLadder ladder =
      new DegradationLadder(() -> causes, List.of(now -> reported.add(now.labels())));

  private void look(int times) {
    for (int i = 0; i < times; i++) {
      ladder.look();
    }
  }

  @Test
  void isFullWhileThereIsNoCause() {
    look(50);

    assertThat(ladder.current()).isEqualTo(Degradation.NONE);
    assertThat(ladder.current().step()).isEqualTo(Step.FULL);
    assertThat(reported).isEmpty();
  }

  @Test
  void isOnTheCostliestStepAndReportsEachChangeOnce() {
    causes.add(Step.LOADS_UNKNOWN);
    look(20);
    causes.add(Step.STATE_STORE_AWAY);
    look(20);
    assertThat(ladder.current().step()).isEqualTo(Step.LOADS_UNKNOWN);

    causes.remove(Step.LOADS_UNKNOWN);
    look(20);
    assertThat(ladder.current().step()).isEqualTo(Step.STATE_STORE_AWAY);

    causes.clear();
    look(20);
    assertThat(reported)
        .containsExactly(
            "loads_unknown", "state_store_away, loads_unknown", "state_store_away", "full");
  }

  @Test
  void beginsWithTheSecondLookAndEndsWithTheTenth() {
    causes.add(Step.ENDPOINTS_OUT);
    look(DegradationLadder.LOOKS_TO_BEGIN - 1);
    assertThat(ladder.current().steps()).isEmpty();
    look(1);
    assertThat(ladder.current().steps()).containsExactly(Step.ENDPOINTS_OUT);

    causes.clear();
    look(DegradationLadder.LOOKS_TO_END - 1);
    assertThat(ladder.current().steps()).containsExactly(Step.ENDPOINTS_OUT);
    look(1);
    assertThat(ladder.current().steps()).isEmpty();
  }

  @Test
  void reportsWhatFlapsOnce() {
    for (int i = 0; i < 100; i++) {
      causes.add(Step.ENDPOINTS_OUT);
      look(2);
      causes.clear();
      look(2);
    }
    assertThat(reported).containsExactly("endpoints_out");
  }

  @Test
  void doesNotReportWhatLastsForOneLook() {
    for (int i = 0; i < 100; i++) {
      causes.add(Step.PLUGINS_SKIPPED);
      look(1);
      causes.clear();
      look(1);
    }
    assertThat(reported).isEmpty();
  }

  @Test
  void hasNoStepWhereNothingIsGivenUp() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Degradation(Set.of(Step.FULL)));
  }
}
