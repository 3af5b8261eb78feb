package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Holds what filters and scorers answer against what the reference answered. */
final class GoldenAnswers {

  static final double TOLERANCE = 1e-12;

  private GoldenAnswers() {}

  /**
   * @param expected raw scores by identity; who is not listed is not scored
   */
  static void assertScores(Scorer scorer, SchedulingCycle cycle, JsonNode expected) {
    Scores scores = scorer.score(cycle);
    assertThat(ids(cycle.candidates())).containsAll(expected.propertyNames());
    for (Candidate candidate : cycle.candidates()) {
      String id = candidate.endpoint().id().toString();
      assertThat(scores.isScored(candidate.slot()))
          .as("%s is scored", id)
          .isEqualTo(expected.has(id));
      if (expected.has(id)) {
        assertThat(scores.at(candidate.slot()))
            .as("score of %s", id)
            .isCloseTo(expected.get(id).asDouble(), within(TOLERANCE));
      }
    }
  }

  /**
   * @param expected identities in order
   */
  static void assertKept(Filter filter, SchedulingCycle cycle, JsonNode expected) {
    assertThat(ids(filter.filter(cycle))).isEqualTo(GoldenCase.texts(expected));
  }

  static List<String> ids(Candidates candidates) {
    List<String> ids = new ArrayList<>();
    candidates.forEach(candidate -> ids.add(candidate.endpoint().id().toString()));
    return ids;
  }
}
