package ai.llmd.epp.domain.scheduling.filter;

import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.facts.EndpointAttribute;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.filter.EndpointAttributeFilter.Algorithm;
import ai.llmd.epp.domain.scheduling.filter.EndpointAttributeFilter.AlgorithmType;
import ai.llmd.epp.domain.scheduling.filter.EndpointAttributeFilter.OnMissing;
import ai.llmd.epp.domain.scheduling.filter.EndpointAttributeFilter.Operator;
import ai.llmd.epp.domain.scheduling.filter.EndpointAttributeFilter.Parameters;
import ai.llmd.epp.domain.scheduling.filter.EndpointAttributeFilter.Threshold;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointAttributeFilterTest {

  private static final String NUMBER = "custom.queue/core-metrics-extractor";

  private final SchedulingCycle cycle =
      new CycleFixture()
          .endpoint(reporting(Map.of(NUMBER, 1.0)))
          .endpoint(reporting(Map.of(NUMBER, 5.0)))
          .endpoint(reporting(Map.of(NUMBER, 5.5)))
          .endpoint(reporting(Map.of("custom.queue/", 1.0)))
          .endpoint(reporting(Map.of(NUMBER, Double.NaN)))
          .build();

  @ParameterizedTest
  @CsvSource({
    "LESS_THAN, pod-0",
    "LESS_THAN_OR_EQUAL, pod-0 pod-1",
    "GREATER_THAN, pod-2",
    "GREATER_THAN_OR_EQUAL, pod-1 pod-2",
    "EQUAL, pod-1",
    "NOT_EQUAL, pod-0 pod-2 pod-4"
  })
  void comparesTheNumberWithTheThreshold(Operator operator, String kept) {
    assertThat(String.join(" ", kept(OnMissing.FAIL, false, operator, 5))).isEqualTo(kept);
  }

  @Test
  void keepsEndpointsWithoutTheNumberUnlessConfigured() {
    assertThat(kept(OnMissing.PASS, false, Operator.LESS_THAN, 0)).containsExactly("pod-3");
    assertThat(kept(OnMissing.FAIL, false, Operator.LESS_THAN, 0)).isEmpty();
  }

  @Test
  void keepsAllInsteadOfNoneWhenConfigured() {
    assertThat(kept(OnMissing.FAIL, true, Operator.LESS_THAN, 0)).hasSize(5);
  }

  @Test
  void anEmptyProducerIsAnotherOneThanNone() {
    assertThat(filter("custom.queue", null).uses())
        .containsExactly(EndpointAttribute.of("custom.queue", "core-metrics-extractor").key());
    assertThat(filter("custom.queue", "").uses())
        .containsExactly(EndpointAttribute.of("custom.queue", "").key());
    assertThat(names(filter("custom.queue", "").filter(cycle)))
        .containsExactly("pod-0", "pod-1", "pod-2", "pod-3", "pod-4");
  }

  @Test
  void refusesASlashUnlessTheProducerIsNamed() {
    assertThatThrownBy(() -> filter("a/b", null))
        .hasMessage("attribute must not contain '/' unless producer is given, was \"a/b\"");
    assertThat(filter("a/b", "").uses()).containsExactly(EndpointAttribute.of("a/b", "").key());
  }

  @Test
  void refusesToGuess() {
    assertThatThrownBy(() -> filter("", null)).hasMessage("attribute is required");
    assertThatThrownBy(() -> judging(new Algorithm(null, null)))
        .hasMessage("algorithm.type is required");
    assertThatThrownBy(() -> judging(new Algorithm(AlgorithmType.THRESHOLD, null)))
        .hasMessage("algorithm.threshold is required");
    assertThatThrownBy(() -> new Threshold(null, 1)).hasMessage("operator is required");
  }

  private List<String> kept(
      OnMissing onMissing, boolean fallsBack, Operator operator, double threshold) {
    var filter =
        new EndpointAttributeFilter(
            new Parameters(
                "custom.queue",
                null,
                onMissing,
                fallsBack,
                new Algorithm(AlgorithmType.THRESHOLD, new Threshold(operator, threshold))));
    return names(filter.filter(cycle));
  }

  private static EndpointAttributeFilter filter(String attribute, @Nullable String producer) {
    return new EndpointAttributeFilter(
        new Parameters(
            attribute,
            producer,
            OnMissing.PASS,
            false,
            new Algorithm(AlgorithmType.THRESHOLD, new Threshold(Operator.EQUAL, 1))));
  }

  private static EndpointAttributeFilter judging(Algorithm algorithm) {
    return new EndpointAttributeFilter(new Parameters("a", null, OnMissing.PASS, false, algorithm));
  }

  private static EndpointLoad reporting(Map<String, Double> attributes) {
    return new EndpointLoad(0, 0, 0, Set.of(), Set.of(), 0, 0, 0, attributes, 0, true);
  }
}
