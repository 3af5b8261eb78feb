package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.llmd.epp.domain.golden.GoldenFiles;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Replays what the reference's filters, scorers, pickers, handlers and whole configurations
 * answered, each plugin built from its parameters like any other. A type that does not exist fails.
 */
class GoldenScorersTest {

  static Stream<GoldenCase> cases() {
    return GoldenCase.readAll("scorers.json");
  }

  @Test
  void allCasesArePlayed() {
    assumeTrue(GoldenFiles.isOurs("scorers.json"), "other cases are played");
    assertThat(cases().count()).isEqualTo(343);
  }

  /**
   * Cases with endpoints that have never reported a load, and what those score that have. In the
   * reference the others score like zero, and here with {@code unreportedLoadsAreZero}, as {@link
   * #answersLikeTheReference} shows; without it they stay unscored.
   */
  private static final Map<String, Double> DELIBERATE_DIFFERENCES =
      Map.of(
          "queue-scorer-06-no-metrics", 1.0,
          "running-requests-size-scorer-06-no-metrics", 1.0,
          "kv-cache-utilization-scorer-03-no-metrics", 0.5);

  static Stream<GoldenCase> deliberateDifferences() {
    return cases().filter(golden -> DELIBERATE_DIFFERENCES.containsKey(golden.id()));
  }

  @ParameterizedTest
  @MethodSource("deliberateDifferences")
  void leavesUnscoredWhatWasNeverReported(GoldenCase golden) throws InvalidDocumentException {
    SchedulingCycle cycle = golden.poolWithUnsampled().cycle(golden.request());
    Scores scores = ((Scorer) GoldenPlugins.build(golden)).score(cycle);
    for (Candidate candidate : cycle.candidates()) {
      double score = scores.at(candidate.slot());
      if (candidate.load().reported().waitingRequests()) {
        assertThat(score).isEqualTo(DELIBERATE_DIFFERENCES.getOrDefault(golden.id(), -1.0));
      } else {
        assertThat(score).isNaN();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void answersLikeTheReference(GoldenCase golden) throws InvalidDocumentException {
    golden.refuseUnknownFields();
    assertThat(golden.types()).isSubsetOf(GoldenPlugins.REGISTRY.names());
    switch (golden.kind()) {
      case "construct" ->
          assertThat(GoldenPlugins.problems(golden).isEmpty())
              .as("%s", GoldenPlugins.problems(golden))
              .isEqualTo(golden.get("accepted").asBoolean());
      case "scorer", "filter", "prerequest" -> replayRule(golden);
      case "picker" -> replayPicker(golden);
      case "profile-handler" -> GoldenSchedules.replayHandler(golden);
      case "cycle" -> GoldenSchedules.replayCycle(golden);
      default -> throw new IllegalArgumentException(golden.kind());
    }
  }

  private static void replayRule(GoldenCase golden) {
    if (golden.has("steps")) {
      GoldenSteps.replay(golden);
      return;
    }
    SchedulingCycle cycle = golden.pool().cycle(golden.request());
    switch (golden.kind()) {
      case "scorer" ->
          GoldenAnswers.assertScores(
              (Scorer) GoldenPlugins.build(golden), cycle, golden.get("scores"));
      case "filter" ->
          GoldenAnswers.assertKept((Filter) GoldenPlugins.build(golden), cycle, golden.get("kept"));
      default -> throw new IllegalArgumentException(golden.kind() + " without steps");
    }
  }

  private static void replayPicker(GoldenCase golden) {
    Picker picker = (Picker) GoldenPlugins.build(golden);
    GoldenPool pool = golden.pool();
    SchedulingCycle cycle = pool.cycle(golden.request());
    Scores totals = Scores.of(cycle, pool::total);
    if (golden.has("picked")) {
      assertThat(GoldenAnswers.ids(picker.pick(cycle, totals)))
          .isEqualTo(GoldenCase.texts(golden.get("picked")));
    } else {
      assertShares(golden, picker, cycle, totals);
    }
  }

  private static void assertShares(
      GoldenCase golden, Picker picker, SchedulingCycle cycle, Scores totals) {
    JsonNode shares = golden.get("firstPickShare");
    int trials = golden.get("trials").asInt();
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < trials; i++) {
      first.merge(GoldenAnswers.ids(picker.pick(cycle, totals)).getFirst(), 1, Integer::sum);
    }
    for (String id : GoldenAnswers.ids(cycle.candidates())) {
      assertThat(first.getOrDefault(id, 0) / (double) trials)
          .as(id)
          .isCloseTo(shares.path(id).asDouble(0), within(golden.get("tolerance").asDouble()));
    }
  }
}
