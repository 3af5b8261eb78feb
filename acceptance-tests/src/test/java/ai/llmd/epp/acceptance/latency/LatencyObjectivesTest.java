package ai.llmd.epp.acceptance.latency;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.latency.SimulatedPool.Served;
import ai.llmd.epp.application.latency.LatencyObserver.Outcome;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sheddable requests with latency objectives before the default profile and before one that
 * predicts latencies, at the load at which the default profile serves most within the objectives,
 * and beyond.
 */
class LatencyObjectivesTest {

  private static final String DEFAULT =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      """;

  private static final String PREDICTING =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      plugins:
      - type: predicted-latency-producer
        parameters: {streamingMode: true}
      - type: prefix-cache-affinity-filter
        name: nearly-all
        parameters: {affinityThreshold: 0.99, ttftSource: latencyPredictor, maxTTFTPenaltyMs: 5000}
      - type: prefix-cache-affinity-filter
        name: most
        parameters: {affinityThreshold: 0.8, ttftSource: latencyPredictor, maxTTFTPenaltyMs: 5000}
      - type: latency-scorer
        parameters: {headroomSelectionStrategy: most}
      - type: weighted-random-picker
      - type: slo-headroom-tier-filter
      - type: latency-slo-admitter
      schedulingProfiles:
      - name: default
        plugins:
        - pluginRef: predicted-latency-producer
        - pluginRef: nearly-all
        - pluginRef: slo-headroom-tier-filter
        - pluginRef: most
        - pluginRef: latency-scorer
        - pluginRef: weighted-random-picker
      """;

  private static final long SEEDS = 3;
  private static final double SECONDS = 60;
  private static final double WARM_UP = 15; // of these
  private static final int STEP = 4; // requests per second
  private static final int LEARNING = 500; // requests

  static Stream<Arguments> pools() {
    return Stream.of(
        Arguments.of("four alike", List.of(1.0, 1.0, 1.0, 1.0), 36),
        Arguments.of("one half as fast", List.of(1.0, 1.0, 1.0, 2.0), 24));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pools")
  void areKeptByAThirdMoreBeyondTheKneeOfTheDefaultProfile(
      String name, List<Double> slownesses, int from) throws InvalidDocumentException {
    double knee = knee(slownesses, from);
    double usual = goodput(DEFAULT, slownesses, 1.3 * knee);
    double predicting = goodput(PREDICTING, slownesses, 1.3 * knee);
    assertThat(predicting)
        .as("within objectives per second at 1.3 times %s; the default profile's: %s", knee, usual)
        .isGreaterThanOrEqualTo(1.3 * usual);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pools")
  void timesToTheFirstTokenAreRightWithinFifteenPercentAtTheKnee(
      String name, List<Double> slownesses, int from) throws InvalidDocumentException {
    double knee = knee(slownesses, from);
    for (long seed = 1; seed <= SEEDS; seed++) {
      try (SimulatedPool pool = new SimulatedPool(PREDICTING, seed, slownesses)) {
        pool.serve(Workload.of(seed, knee, SECONDS));
        double[] errors =
            pool.outcomes().stream()
                .skip(LEARNING)
                .filter(outcome -> outcome.ttft() > 0)
                .mapToDouble(LatencyObjectivesTest::error)
                .sorted()
                .toArray();
        assertThat(errors).hasSizeGreaterThan(LEARNING);
        assertThat(errors[errors.length / 2]).as("median of seed %d", seed).isLessThan(0.15);
      }
    }
  }

  private static double error(Outcome outcome) {
    return Math.abs(outcome.predictedTtft() - outcome.ttft()) / outcome.ttft();
  }

  /** The load at which the default profile serves most within the objectives. */
  private static double knee(List<Double> slownesses, int from) throws InvalidDocumentException {
    double most = 0;
    int knee = from;
    for (int perSecond = from; perSecond <= from + 4 * STEP; perSecond += STEP) {
      double goodput = goodput(DEFAULT, slownesses, perSecond);
      knee = goodput > most ? perSecond : knee;
      most = Math.max(most, goodput);
    }
    return knee;
  }

  /** Requests per second that keep both objectives, on average over the seeds. */
  private static double goodput(String configuration, List<Double> slownesses, double perSecond)
      throws InvalidDocumentException {
    long good = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      try (SimulatedPool pool = new SimulatedPool(configuration, seed, slownesses)) {
        good +=
            pool.serve(Workload.of(seed, perSecond, SECONDS)).stream()
                .filter(served -> served.sentAtNanos() >= TimeUnit.SECONDS.toNanos((long) WARM_UP))
                .filter(Served::isGood)
                .count();
      }
    }
    return good / (SEEDS * (SECONDS - WARM_UP));
  }
}
