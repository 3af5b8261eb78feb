package ai.llmd.epp.adapter.telemetry.meter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.RequestLabels;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InFlightMetersTest {

  private static final EndpointId A = new EndpointId("ns", "a");
  private static final String FLOW =
      "{endpoint_name=\"a\",fairness_id=\"f\",namespace=\"ns\",priority=\"3\",producer_name=\"p\"}"
          + " ";

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final InFlightMeters meters = new InFlightMeters(registry, new LabelLimits());
  private final LoadLedger ledger = new LoadLedger();

  private LoadLedger.Entry open(long tokens, String fairnessId) {
    var labels = new RequestLabels("r", "m", "m", fairnessId, 3);
    return meters.opened("p", A, labels, tokens, ledger.open(0, 1, 1, tokens));
  }

  private String page() {
    return Pages.text(registry);
  }

  @Test
  void showsRequestsAndTokensOfAFlowOnAnEndpoint() {
    open(40, "f");
    open(2, "f");
    assertThat(page())
        .contains("# TYPE llm_d_epp_inflight_requests gauge")
        .contains("llm_d_epp_inflight_requests" + FLOW + "2\n")
        .contains("llm_d_epp_inflight_tokens" + FLOW + "42\n");
  }

  @Test
  void releasesWhatItShowsTogetherWithWhatIsCountedAndOnce() {
    LoadLedger.Entry entry = open(40, "f");
    entry.releaseTokens();
    assertThat(page()).contains("llm_d_epp_inflight_tokens" + FLOW + "0\n");
    assertThat(ledger.inFlight(1).tokens(0)).isZero();
    assertThat(ledger.inFlight(1).requests(0)).isOne();

    entry.release();
    entry.release();
    assertThat(page())
        .contains("llm_d_epp_inflight_requests" + FLOW + "0\n")
        .contains("llm_d_epp_inflight_tokens" + FLOW + "0\n");
    assertThat(ledger.inFlight(1).requests(0)).isZero();
  }

  @Test
  void forgetsAnEndpointThatHasGone() {
    open(40, "f");
    meters.removed(new EndpointState(0, 1, Endpoint.of(A, "10.0.0.1", 8000, Map.of())), () -> {});
    assertThat(page()).doesNotContain("endpoint_name=\"a\"");
  }

  @Test
  void showsFlowsBeyondItsBoundTogether() {
    for (int flow = 0; flow < 3_000; flow++) {
      open(1, "flow-" + flow);
    }
    assertThat(page()).contains("fairness_id=\"other\"");
    assertThat(page().lines().filter(line -> line.startsWith("llm_d_epp_inflight_requests{")))
        .hasSizeLessThanOrEqualTo(2_001);
  }
}
