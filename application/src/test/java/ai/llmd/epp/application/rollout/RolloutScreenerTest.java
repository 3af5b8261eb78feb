package ai.llmd.epp.application.rollout;

import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.application.rollout.RolloutParameters.Gating;
import ai.llmd.epp.application.rollout.RolloutParameters.HeaderSelector;
import ai.llmd.epp.application.rollout.RolloutParameters.Roles;
import ai.llmd.epp.application.rollout.RolloutParameters.Scope;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.filter.LabelSelectorFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolloutScreenerTest {

  private static final Scope SCOPE =
      new Scope(new LabelSelectorFilter.Parameters(Map.of("set", "s"), List.of()));
  private static final List<HeaderSelector> HEADERS =
      List.of(
          new HeaderSelector("stay", "X-Revision", "disaggregatedset.x-k8s.io/revision", "strict"),
          new HeaderSelector("near", "x-zone", "zone", "prefer"));

  private final List<Endpoint> endpoints = new ArrayList<>();
  private final Map<String, Double> shares = new HashMap<>();
  private final List<String> unmatched = new ArrayList<>();
  private final RolloutObserver observer =
      new RolloutObserver() {
        @Override
        public void shares(String plugin, String mode, Map<String, Double> byRevision) {
          shares.clear();
          shares.putAll(byRevision);
        }

        @Override
        public void unmatched(String plugin, String selector) {
          unmatched.add(plugin + " " + selector);
        }
      };

  private RolloutScreener screener(String mode) {
    return new RolloutScreener(
        "rollout",
        new RolloutScreener.Parameters(
            SCOPE, HEADERS, new Gating(mode, "", "", new Roles(List.of("prefill", "decode")))),
        observer);
  }

  private void pods(RolloutScreener screener, String revision, String role, int count) {
    for (int i = 0; i < count; i++) {
      int slot = endpoints.size();
      Map<String, String> labels =
          Map.of(
              "set",
              "s",
              "disaggregatedset.x-k8s.io/revision",
              revision,
              "disaggregatedset.x-k8s.io/role",
              role);
      Endpoint endpoint =
          Endpoint.of(
              new EndpointId("default", revision + "-" + role + "-" + i),
              "10.0.0." + (slot + 1),
              8000,
              labels);
      endpoints.add(endpoint);
      screener.added(new EndpointState(slot, slot, endpoint));
    }
  }

  private SchedulingCycle cycle(Map<String, String> headers) {
    CycleFixture fixture = new CycleFixture().headers(headers);
    endpoints.forEach(endpoint -> fixture.endpoint(endpoint, EndpointLoad.UNSAMPLED));
    return fixture.build();
  }

  @ParameterizedTest
  @CsvSource({"sum, 0.6, 0.4", "max-role, 0.5, 0.5"})
  void drawsARevisionByItsShare(String mode, double first, double second) {
    RolloutScreener screener = screener(mode);
    pods(screener, "r1", "prefill", 3);
    pods(screener, "r1", "decode", 3);
    pods(screener, "r2", "prefill", 1);
    pods(screener, "r2", "decode", 3);
    pods(screener, "r3", "decode", 9);

    assertThat(shares.get("r1")).isCloseTo(first, within(1e-9));
    assertThat(shares.get("r2")).isCloseTo(second, within(1e-9));
    assertThat(shares).containsEntry("r3", 0.0);
    SchedulingCycle cycle = cycle(Map.of());
    int ofFirst = 0;
    for (int i = 0; i < 2_000; i++) {
      List<String> kept = names(screener.screen(cycle));
      boolean isFirst = kept.getFirst().startsWith("r1");
      assertThat(kept).allMatch(name -> name.startsWith(isFirst ? "r1" : "r2"));
      ofFirst += isFirst ? 1 : 0;
    }
    assertThat(ofFirst / 2_000.0).isCloseTo(first, within(0.04));
  }

  @Test
  void aClientThatNamesItsRevisionStaysThere() {
    RolloutScreener screener = screener("sum");
    pods(screener, "r1", "prefill", 1);
    pods(screener, "r1", "decode", 1);
    pods(screener, "r2", "prefill", 1);
    pods(screener, "r2", "decode", 1);

    for (int i = 0; i < 50; i++) {
      assertThat(names(screener.screen(cycle(Map.of("x-revision", "r2")))))
          .containsExactly("r2-prefill-0", "r2-decode-0");
    }
    assertThat(screener.screen(cycle(Map.of("x-revision", "r9")))).isEmpty();
    assertThat(unmatched).containsExactly("rollout stay");
  }

  @Test
  void aRevisionThatLosesItsLastPodOfARoleGetsNothing() {
    RolloutScreener screener = screener("sum");
    pods(screener, "r1", "prefill", 1);
    pods(screener, "r1", "decode", 1);
    boolean[] isReleased = new boolean[1];

    screener.removed(new EndpointState(1, 1, endpoints.get(1)), () -> isReleased[0] = true);

    assertThat(screener.screen(cycle(Map.of()))).isEmpty();
    assertThat(isReleased[0]).isTrue();
  }

  @Test
  void disabledItKeepsAll() {
    RolloutScreener screener = screener("disabled");
    pods(screener, "r1", "decode", 2);

    assertThat(screener.screen(cycle(Map.of()))).hasSize(2);
    assertThat(shares).isEmpty();
  }

  @Test
  void whatHasNoDefaultMustBeGiven() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new RolloutScreener("r", RolloutScreener.TYPE.defaults(), RolloutObserver.NONE))
        .withMessage("scope.labelSelector must be given");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new RolloutScreener(
                    "r",
                    new RolloutScreener.Parameters(
                        SCOPE, List.of(), new Gating("sum", "", "", new Roles(List.of()))),
                    RolloutObserver.NONE))
        .withMessage("revisionGating.requireRoles.values must not be empty");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new RolloutScreener.Parameters(
                    SCOPE,
                    List.of(HEADERS.get(0), HEADERS.get(0)),
                    new Gating("", "", "", new Roles(List.of()))))
        .withMessage("headerSelectors: name \"stay\" is given twice");
  }
}
