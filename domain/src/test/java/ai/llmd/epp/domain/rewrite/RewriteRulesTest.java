package ai.llmd.epp.domain.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.rewrite.ModelRewrite.Match;
import ai.llmd.epp.domain.rewrite.ModelRewrite.Rule;
import ai.llmd.epp.domain.rewrite.ModelRewrite.Target;
import ai.llmd.epp.domain.routing.RewriteOrigin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Which rule applies to a model. */
class RewriteRulesTest {

  private static ModelRewrite rewrite(String name, int second, Rule... rules) {
    return new ModelRewrite(name, Instant.ofEpochSecond(second), List.of(rules));
  }

  private static Rule exact(String target, @Nullable String... models) {
    return new Rule(Stream.of(models).map(Match::new).toList(), targets(target));
  }

  private static Rule generic(String target) {
    return new Rule(List.of(), targets(target));
  }

  private static List<Target> targets(String model) {
    return List.of(new Target(model, null));
  }

  private static String target(String model, ModelRewrite... rewrites) {
    RewriteRule rule = RewriteRules.of(List.of(rewrites)).find(model);
    return rule == null ? "none" : rule.choose(new Random(1));
  }

  @Test
  void anExactRuleAppliesToItsModelAndNoOther() {
    ModelRewrite one = rewrite("one", 0, exact("x", "llama", "qwen"));

    assertThat(target("llama", one)).isEqualTo("x");
    assertThat(target("qwen", one)).isEqualTo("x");
    assertThat(target("Llama", one)).isEqualTo("none");
    assertThat(target("llama-2", one)).isEqualTo("none");
    assertThat(target("", one)).isEqualTo("none");
  }

  @Test
  void aGenericRuleAppliesToEveryModelAndToNone() {
    assertThat(target("llama", rewrite("all", 0, generic("x")))).isEqualTo("x");
    assertThat(target("", rewrite("all", 0, generic("x")))).isEqualTo("x");
  }

  @Test
  void withoutRewritesNothingApplies() {
    assertThat(target("llama")).isEqualTo("none");
    assertThat(RewriteRules.NONE.find("llama")).isNull();
  }

  @Test
  void anExactRuleBeatsAnOlderGenericOne() {
    ModelRewrite old = rewrite("old", 0, generic("generic"));
    ModelRewrite young = rewrite("young", 9, exact("exact", "llama"));

    assertThat(target("llama", old, young)).isEqualTo("exact");
    assertThat(target("qwen", old, young)).isEqualTo("generic");
  }

  @Test
  void theOldestRewriteWins() {
    ModelRewrite young = rewrite("a", 9, exact("young", "llama"), generic("young generic"));
    ModelRewrite old = rewrite("b", 1, exact("old", "llama"), generic("old generic"));

    assertThat(target("llama", young, old)).isEqualTo("old");
    assertThat(target("other", young, old)).isEqualTo("old generic");
  }

  @Test
  void equallyOldRewritesCompeteByNameAndRulesByTheirOrder() {
    ModelRewrite a = rewrite("a", 1, exact("a0", "llama"), exact("a1", "llama"));
    ModelRewrite b = rewrite("b", 1, exact("b0", "llama"));

    assertThat(target("llama", b, a)).isEqualTo("a0");
    assertThat(target("llama", a, b)).isEqualTo("a0");
  }

  @Test
  void aRewriteGivenAgainReplacesAllRulesOfThatName() {
    ModelRewrite before = rewrite("one", 0, exact("x", "llama"), generic("y"));
    ModelRewrite after = rewrite("one", 5, exact("z", "qwen"));

    assertThat(target("llama", before, after)).isEqualTo("none");
    assertThat(target("qwen", before, after)).isEqualTo("z");
  }

  @Test
  void aRuleWhoseMatchesNameNoModelNeverApplies() {
    ModelRewrite one = rewrite("one", 0, exact("x", (String) null));

    assertThat(target("llama", one)).isEqualTo("none");
    assertThat(target("", one)).isEqualTo("none");
  }

  @Test
  void theRuleNamesItsOrigin() {
    RewriteRules rules =
        RewriteRules.of(List.of(rewrite("one", 0, exact("x", "a"), exact("y", "b"))));

    assertThat(Optional.ofNullable(rules.find("b")).map(RewriteRule::origin))
        .contains(new RewriteOrigin("one", 1));
  }

  @Test
  void knowsEveryModelThatARuleNames() {
    RewriteRules rules =
        RewriteRules.of(
            List.of(rewrite("one", 0, exact("x", "a", "b")), rewrite("two", 0, generic("y"))));

    assertThat(rules.modelNames()).containsExactlyInAnyOrder("x", "a", "b", "y");
  }

  /** A rule as the plain model of the lookup sees it. */
  private record Listed(ModelRewrite rewrite, int index) {

    Rule rule() {
      return rewrite.rules().get(index);
    }

    boolean names(String model) {
      return rule().matches().stream().anyMatch(match -> model.equals(match.model()));
    }
  }

  /** What the documentation specifies, word by word, over the whole list for each lookup. */
  private static Optional<RewriteOrigin> expected(List<ModelRewrite> rewrites, String model) {
    List<Listed> all = new ArrayList<>();
    for (ModelRewrite rewrite : rewrites) {
      for (int i = 0; i < rewrite.rules().size(); i++) {
        all.add(new Listed(rewrite, i));
      }
    }
    Comparator<Listed> precedence =
        Comparator.comparing((Listed listed) -> listed.rewrite.createdAt())
            .thenComparing(listed -> listed.rewrite.name())
            .thenComparingInt(Listed::index);
    Optional<Listed> exact = all.stream().filter(one -> one.names(model)).min(precedence);
    return exact
        .or(() -> all.stream().filter(one -> one.rule().matches().isEmpty()).min(precedence))
        .map(listed -> new RewriteOrigin(listed.rewrite.name(), listed.index));
  }

  @RepeatedTest(300)
  void findsWhatAPlainSearchFinds(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    List<ModelRewrite> rewrites = new ArrayList<>();
    for (int i = random.nextInt(8); i > 0; i--) {
      rewrites.add(rewrite("rewrite-" + i, random.nextInt(3), randomRules(random)));
    }
    Collections.shuffle(rewrites, random);
    RewriteRules rules = RewriteRules.of(rewrites);

    for (String model : List.of("", "m0", "m1", "m2", "m3", "stranger")) {
      assertThat(Optional.ofNullable(rules.find(model)).map(RewriteRule::origin))
          .as(model)
          .isEqualTo(expected(rewrites, model));
    }
  }

  private static Rule[] randomRules(Random random) {
    Rule[] rules = new Rule[random.nextInt(4)];
    for (int i = 0; i < rules.length; i++) {
      @Nullable String[] models = new @Nullable String[random.nextInt(3)];
      for (int j = 0; j < models.length; j++) {
        models[j] = random.nextInt(6) == 0 ? null : "m" + random.nextInt(4);
      }
      rules[i] = exact("target", models);
    }
    return rules;
  }
}
