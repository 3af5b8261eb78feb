package ai.llmd.epp.domain.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.rewrite.ModelRewrite.Rule;
import ai.llmd.epp.domain.rewrite.ModelRewrite.Target;
import ai.llmd.epp.domain.routing.RewriteOrigin;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which target a rule chooses. */
class RewriteRuleTest {

  private static final int DRAWS = 100_000;

  private static RewriteRule rule(Target... targets) {
    return new RewriteRule(new RewriteOrigin("r", 0), List.of(targets));
  }

  /** How often each target is chosen, as a share of all draws. */
  private static Map<String, Double> shares(Target... targets) {
    RewriteRule rule = rule(targets);
    Random random = new Random(42);
    Map<String, Double> shares = new HashMap<>();
    for (int i = 0; i < DRAWS; i++) {
      shares.merge(rule.choose(random), 1.0 / DRAWS, Double::sum);
    }
    return shares;
  }

  private static void assertShares(Map<String, Double> shares, Map<String, Double> expected) {
    assertThat(shares.keySet()).isEqualTo(expected.keySet());
    // five standard deviations of a share
    expected.forEach(
        (model, share) ->
            assertThat(shares.get(model))
                .as(model)
                .isCloseTo(share, within(5 * Math.sqrt(share * (1 - share) / DRAWS) + 1e-9)));
  }

  @Test
  void aSingleTargetIsAlwaysChosen() {
    assertShares(shares(new Target("a", 7)), Map.of("a", 1.0));
    assertShares(shares(new Target("a", null)), Map.of("a", 1.0));
  }

  @Test
  void equalWeightsShareEqually() {
    assertShares(shares(new Target("a", 5), new Target("b", 5)), Map.of("a", 0.5, "b", 0.5));
  }

  @Test
  void differentWeightsShareInProportion() {
    assertShares(
        shares(new Target("a", 70), new Target("b", 20), new Target("c", 10)),
        Map.of("a", 0.7, "b", 0.2, "c", 0.1));
  }

  @Test
  void theLargestWeightsDoNotOverflow() {
    Target[] targets = new Target[4_000];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = new Target(i < 2_000 ? "a" : "b", 1_000_000);
    }
    assertShares(shares(targets), Map.of("a", 0.5, "b", 0.5));
  }

  @Test
  void withoutWeightsAllAreAsLikely() {
    assertShares(
        shares(new Target("a", null), new Target("b", null), new Target("c", null)),
        Map.of("a", 1 / 3.0, "b", 1 / 3.0, "c", 1 / 3.0));
  }

  @Test
  void ofMixedTargetsOnlyWeightedOnesAreChosen() {
    assertShares(
        shares(
            new Target("first", null),
            new Target("a", 1),
            new Target("middle", null),
            new Target("b", 3),
            new Target("last", null)),
        Map.of("a", 0.25, "b", 0.75));
  }

  @Test
  void withoutTargetsTheModelIsEmpty() {
    assertThat(rule().choose(new Random(1))).isEmpty();
  }

  @Test
  void aRuleKnowsWhetherSomeOfItsTargetsAreNeverChosen() {
    assertThat(new Rule(List.of(), List.of(new Target("a", 1))).isPartlyWeighted()).isFalse();
    assertThat(new Rule(List.of(), List.of(new Target("a", null))).isPartlyWeighted()).isFalse();
    assertThat(
            new Rule(List.of(), List.of(new Target("a", null), new Target("b", 1)))
                .isPartlyWeighted())
        .isTrue();
  }
}
