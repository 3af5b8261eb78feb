package ai.llmd.epp.domain.scheduling.scorer;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.scorer.HeaderLabelAffinityScorer.Parameters;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeaderLabelAffinityScorerTest {

  private final HeaderLabelAffinityScorer scorer =
      new HeaderLabelAffinityScorer(new Parameters("X-Region", "region"));

  @Test
  void prefersEndpointsWhoseLabelEqualsTheHeader() {
    assertThat(scores(Map.of("x-region", "eu"))).containsExactly(1, 0, 0, 0);
  }

  @Test
  void comparesExactly() {
    assertThat(scores(Map.of("x-region", " eu"))).containsExactly(0, 1, 0, 0);
    assertThat(scores(Map.of("x-region", "EU"))).containsExactly(0, 0, 0, 0);
  }

  @Test
  void aRequestWithoutTheHeaderPrefersNone() {
    assertThat(scores(Map.of())).containsExactly(0, 0, 0, 0);
    assertThat(scores(Map.of("x-region", ""))).containsExactly(0, 0, 0, 0);
  }

  @Test
  void bothNamesAreRequired() {
    assertThatThrownBy(() -> new HeaderLabelAffinityScorer(new Parameters("", "region")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("headerName is required");
    assertThatThrownBy(() -> new HeaderLabelAffinityScorer(new Parameters("x-region", "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("labelKey is required");
  }

  @Test
  void isExperimental() {
    assertThat(HeaderLabelAffinityScorer.TYPE.stability()).isEqualTo(Stability.ALPHA);
  }

  private double[] scores(Map<String, String> headers) {
    SchedulingCycle cycle =
        new CycleFixture()
            .headers(headers)
            .endpoint(EndpointLoad.UNSAMPLED, Map.of("region", "eu"))
            .endpoint(EndpointLoad.UNSAMPLED, Map.of("region", " eu"))
            .endpoint(EndpointLoad.UNSAMPLED, Map.of("region", ""))
            .endpoint(EndpointLoad.UNSAMPLED)
            .build();
    return inOrder(cycle, scorer.score(cycle));
  }
}
