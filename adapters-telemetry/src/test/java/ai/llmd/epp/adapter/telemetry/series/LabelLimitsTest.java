package ai.llmd.epp.adapter.telemetry.series;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.telemetry.series.LabelLimits.RequestKey;
import ai.llmd.epp.domain.routing.RequestLabels;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LabelLimitsTest {

  private final LabelLimits limits = new LabelLimits();
  private long nowNanos = -5;

  private RequestKey shown(String model, String target, String fairnessId, int priority) {
    return limits.limited(new RequestLabels("r", model, target, fairnessId, priority));
  }

  private void fillModels() {
    for (int i = 0; i < 1_000; i++) {
      limits.model("stranger-" + i);
    }
    assertThat(limits.model("late")).isEqualTo("other");
  }

  private void fillCombinations() {
    for (int i = 0; i < 2_000; i++) {
      shown("m", "m", "f", i);
    }
    assertThat(shown("m", "m", "f", -1)).isEqualTo(RequestKey.OTHER);
  }

  @Test
  void modelsOfRewritesAreShownWhenThereIsNoRoomForOthers() {
    fillModels();

    limits.exemptModels(Set.of("asked", "served"));

    assertThat(limits.model("asked")).isEqualTo("asked");
    assertThat(shown("asked", "served", "f", 3))
        .isEqualTo(new RequestKey("asked", "served", "f", 3));
    assertThat(limits.model("late")).isEqualTo("other");
  }

  /** Makes the limits look for what has not been seen for a while, after ten minutes. */
  private void tenMinutesPass() {
    nowNanos += Duration.ofMinutes(10).toNanos();
    limits.age(nowNanos);
  }

  @Test
  void namesThatAreNotSeenAnyMoreMakeRoomForThoseThatFoundNone() {
    limits.age(nowNanos);
    fillModels();
    tenMinutesPass(); // all were seen in these ten minutes
    assertThat(limits.model("late")).isEqualTo("other");
    limits.model("stranger-7");

    tenMinutesPass();

    assertThat(limits.showsModel("stranger-7")).isTrue();
    assertThat(limits.showsModel("stranger-8")).isFalse();
    assertThat(limits.model("late")).isEqualTo("late");
  }

  @Test
  void combinationsThatAreNotSeenAnyMoreMakeRoomForThoseThatFoundNone() {
    limits.age(nowNanos);
    fillCombinations();
    tenMinutesPass();
    shown("m", "m", "f", 7);
    assertThat(shown("m", "m", "f", -1)).isEqualTo(RequestKey.OTHER);

    tenMinutesPass();

    assertThat(limits.shows(new RequestKey("m", "m", "f", 7))).isTrue();
    assertThat(limits.shows(new RequestKey("m", "m", "f", 8))).isFalse();
    assertThat(shown("m", "m", "f", -1)).isEqualTo(new RequestKey("m", "m", "f", -1));
  }

  @Test
  void everythingStaysAsLongAsThereIsRoom() {
    shown("m", "t", "f", 0);
    tenMinutesPass();
    tenMinutesPass();
    tenMinutesPass();

    assertThat(limits.shows(new RequestKey("m", "t", "f", 0))).isTrue();
  }

  @Test
  void agesNoFasterThanItsPeriodHoweverOftenMetricsAreRead() {
    fillModels();
    for (int i = 0; i < 100; i++) {
      limits.age(nowNanos + i);
      limits.model("late");
    }

    assertThat(limits.showsModel("stranger-8")).isTrue();
  }

  @Test
  void namesOfACombinationThatIsSeenStayWithIt() {
    limits.age(nowNanos);
    shown("m", "t", "f", 0);
    for (int i = 0; i < 998; i++) {
      limits.model("stranger-" + i);
    }
    tenMinutesPass();
    shown("m", "t", "f", 0); // found as a whole, without a look at its names
    assertThat(limits.model("late")).isEqualTo("other");

    tenMinutesPass();

    assertThat(limits.shows(new RequestKey("m", "t", "f", 0))).isTrue();
    assertThat(limits.showsModel("stranger-8")).isFalse();
  }

  @Test
  void modelsOfRewritesTakeNoRoomFromOthers() {
    limits.exemptModels(Set.of("asked", "served"));
    limits.model("asked");
    limits.model("served");

    for (int i = 0; i < 1_000; i++) {
      assertThat(limits.model("stranger-" + i)).isEqualTo("stranger-" + i);
    }
  }

  @Test
  void aModelThatNoRewriteNamesAnyMoreIsLimitedLikeOthers() {
    fillModels();
    limits.exemptModels(Set.of("asked"));
    limits.exemptModels(Set.of());

    assertThat(limits.model("asked")).isEqualTo("other");
  }

  @Test
  void whenCombinationsRunOutModelsOfRewritesAreShownWithoutTheRest() {
    limits.exemptModels(Set.of("asked", "served"));
    fillCombinations();

    assertThat(shown("asked", "served", "alice", 3))
        .isEqualTo(new RequestKey("asked", "served", "other", 3));
    assertThat(shown("anything", "served", "alice", 0))
        .isEqualTo(new RequestKey("other", "served", "other", 0));
    assertThat(shown("anything", "anything", "alice", 0)).isEqualTo(RequestKey.OTHER);
  }

  @Test
  void evenModelsOfRewritesAreShownInABoundedNumberOfCombinations() {
    limits.exemptModels(Set.of("asked"));
    Set<RequestKey> all = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      all.add(shown("asked", "asked", "f", i));
    }

    assertThat(all).hasSize(4_001).contains(RequestKey.OTHER);
  }
}
