package ai.llmd.epp.domain.saturation.detector;

import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.catalogue.FakeContext;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.saturation.detector.ConcurrencyDetector.Mode;
import ai.llmd.epp.domain.saturation.detector.ConcurrencyDetector.Parameters;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.state.SharedState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConcurrencyDetectorTest {

  private static final InFlightLoad LOAD =
      new InFlightLoad(new long[] {50, 10, 0}, new long[] {1_000, 900_000, 0});

  @Test
  void countsRequestsByDefault() {
    Parameters defaults = ConcurrencyDetector.TYPE.defaults();
    assertThat(saturation(defaults, LOAD)).isCloseTo(0.2, within(1e-12));
    assertThat(kept(defaults, LOAD)).hasSize(3);
  }

  @Test
  void countsTokensWhenConfigured() {
    var tokens = new Parameters(Mode.TOKENS, 100, 500_000, 0, "");
    assertThat(saturation(tokens, LOAD)).isCloseTo(0.6006666666666667, within(1e-12));
    assertThat(kept(tokens, LOAD)).containsExactly("pod-0", "pod-2");
  }

  @Test
  void takesTheLargerShareInHybridMode() {
    var hybrid = new Parameters(Mode.HYBRID, 40, 500_000, 0, "");
    assertThat(saturation(hybrid, LOAD)).isCloseTo(1.0166666666666666, within(1e-12));
    assertThat(kept(hybrid, LOAD)).containsExactly("pod-2");
  }

  @Test
  void headroomRaisesTheFiltersLimitDownToAWholeNumber() {
    var generous = new Parameters(Mode.REQUESTS, 3, 1, 0.5, "");
    InFlightLoad load = requests(3, 4, 5);
    assertThat(saturation(generous, load)).isCloseTo(1.3333333333333333, within(1e-12));
    assertThat(kept(generous, load)).containsExactly("pod-0");
  }

  @Test
  void exactlyFullIsExactlyOne() {
    var odd = new Parameters(Mode.REQUESTS, 49, 1, 0, "");
    assertThat(saturation(odd, requests(48, 50, 49))).isEqualTo(1);
  }

  @Test
  void mayDropAll() {
    assertThat(kept(new Parameters(Mode.REQUESTS, 1, 1, 0, ""), requests(1, 3))).isEmpty();
  }

  @Test
  void anEmptyPoolIsSaturated() {
    assertThat(saturation(ConcurrencyDetector.TYPE.defaults(), requests())).isEqualTo(1);
  }

  @Test
  void takesAMissingFactForNoWork() {
    SchedulingCycle cycle = new CycleFixture().idle(2).build();
    var detector = detector(new Parameters(Mode.HYBRID, 1, 1, 0, ""), requests(9, 9));
    assertThat(detector.filter(cycle)).isSameAs(cycle.candidates());
  }

  @Test
  void judgesThePoolByTheWorkInFlightNow() {
    var state = new SharedState(SharedState.Budget.DEFAULT);
    var detector =
        (ConcurrencyDetector)
            ConcurrencyDetector.TYPE.create(
                new Parameters(Mode.REQUESTS, 2, 1, 0, "mine"),
                new FakeContext("detector", Map.of(SharedState.class, state)));
    SchedulingCycle cycle = new CycleFixture().idle(1).build();
    assertThat(detector.saturation(cycle.candidates(), 0)).isZero();
    var entry = state.ledger("mine").open(0, 1, 1, 0);
    assertThat(detector.saturation(cycle.candidates(), 0)).isEqualTo(0.5);
    entry.release();
    assertThat(detector.saturation(cycle.candidates(), 0)).isZero();
    assertThat(detector.requires()).containsExactly(InFlightLoad.key("mine"));
  }

  @Test
  void refusesValuesOutsideTheirRanges() {
    assertThatThrownBy(() -> new Parameters(Mode.REQUESTS, 0, 1, 0, ""))
        .hasMessage("maxConcurrency must be above 0, was 0");
    assertThatThrownBy(() -> new Parameters(Mode.REQUESTS, 1, -1, 0, ""))
        .hasMessage("maxTokenConcurrency must be above 0, was -1");
    assertThatThrownBy(() -> new Parameters(Mode.REQUESTS, 1, 1, -0.1, ""))
        .hasMessage("headroom must be 0 or more, was -0.1");
  }

  private static double saturation(Parameters parameters, InFlightLoad load) {
    SchedulingCycle cycle = new CycleFixture().idle(load.requests().length).build();
    return detector(parameters, load).saturation(cycle.candidates(), 0);
  }

  private static List<String> kept(Parameters parameters, InFlightLoad load) {
    SchedulingCycle cycle =
        new CycleFixture()
            .idle(load.requests().length)
            .fact(InFlightLoad.keyOrDefault(""), load)
            .build();
    return names(detector(parameters, requests()).filter(cycle));
  }

  private static ConcurrencyDetector detector(Parameters parameters, InFlightLoad now) {
    return new ConcurrencyDetector(parameters, slotCount -> now);
  }

  private static InFlightLoad requests(long... requests) {
    return new InFlightLoad(requests, new long[requests.length]);
  }
}
