package ai.llmd.epp.application;

import static ai.llmd.epp.application.RoutingFixture.withModels;
import static ai.llmd.epp.application.RoutingFixture.withObjective;
import static ai.llmd.epp.application.RoutingFixture.withoutModel;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.objective.InferenceObjective;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.rewrite.ModelRewrite;
import ai.llmd.epp.domain.rewrite.ModelRewrite.Match;
import ai.llmd.epp.domain.rewrite.ModelRewrite.Rule;
import ai.llmd.epp.domain.rewrite.ModelRewrite.Target;
import ai.llmd.epp.domain.routing.Resolution;
import ai.llmd.epp.domain.routing.RewriteOrigin;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What objectives and rewrites do to a request. */
class NamedRoutingTest {

  private final RoutingFixture fixture = new RoutingFixture().withPods(1);

  private Route routed(ReceivedRequest request) {
    return (Route) fixture.route(request);
  }

  private String target(ReceivedRequest request) {
    return routed(request).labels().targetModel();
  }

  private static Rule exact(String model, String... targets) {
    return new Rule(List.of(new Match(model)), targets(targets));
  }

  private static Rule generic(String... targets) {
    return new Rule(List.of(), targets(targets));
  }

  private static List<Target> targets(String... models) {
    return Stream.of(models).map(model -> new Target(model, null)).toList();
  }

  private void rewrite(Rule... rules) {
    fixture.rewrites.keepRewrites(
        List.of(new ModelRewrite("canary", Instant.EPOCH, List.of(rules))));
  }

  @Nested
  class Rewrites {

    @Test
    void aRuleForTheClientsModelNamesTheTarget() {
      rewrite(exact("llama", "llama-canary"));

      Route route = routed(withModels("llama", "", true));

      assertThat(route.labels().incomingModel()).isEqualTo("llama");
      assertThat(route.labels().targetModel()).isEqualTo("llama-canary");
    }

    @Test
    void onlyAGenericRuleNamesAModelWhereTheApiMakesItOptional() {
      rewrite(exact("llama", "llama-canary"));
      assertThat(target(withoutModel(ApiKind.RESPONSES))).isEmpty();

      rewrite(exact("llama", "llama-canary"), generic("tuned"));
      assertThat(target(withoutModel(ApiKind.RESPONSES))).isEqualTo("tuned");
    }

    @Test
    void aRuleOutweighsTheRewriteHeader() {
      rewrite(exact("llama", "llama-canary"));

      assertThat(target(withModels("llama", "tuned", true))).isEqualTo("llama-canary");
    }

    @Test
    void aRuleIsLookedUpByTheClientsModelAndNotByTheHeaders() {
      rewrite(exact("tuned", "other"));

      assertThat(target(withModels("llama", "tuned", true))).isEqualTo("tuned");
    }

    @Test
    void aGenericRuleGivesAMissingModelAName() {
      rewrite(generic("fallback"));

      assertThat(target(withModels("", "", true))).isEqualTo("fallback");
    }

    @Test
    void noRuleAppliesToABodyThatCannotBeChanged() {
      rewrite(generic("fallback"));

      Route route = routed(withModels("llama", "tuned", false));

      assertThat(route.labels().targetModel()).isEqualTo("tuned");
      assertThat(route.evidence().resolution()).isEqualTo(Resolution.NONE);
    }

    @Test
    void aRuleWithoutTargetsRefusesWhatItMatches() {
      rewrite(exact("retired"));

      RoutingDecision decision = fixture.route(withModels("retired", "tuned", true));

      assertThat(decision).isInstanceOf(Reject.class);
      assertThat(((Reject) decision).reason()).isEqualTo(Reason.MALFORMED);
      assertThat(((Reject) decision).labels().targetModel()).isEmpty();
      assertThat(decision.evidence().resolution().rewrite())
          .isEqualTo(new RewriteOrigin("canary", 0));
    }

    @Test
    void theEvidenceNamesTheRule() {
      rewrite(exact("qwen", "x"), exact("llama", "llama-canary"));

      assertThat(routed(withModels("llama", "", true)).evidence().resolution().rewrite())
          .isEqualTo(new RewriteOrigin("canary", 1));
    }

    @Test
    void newRulesTakeTheOldOnesPlaceAtOnce() {
      rewrite(exact("llama", "before"));
      RoutingService service = fixture.service();
      rewrite(exact("llama", "after"));

      Route route = (Route) RoutingFixture.decision(service.route(withModels("llama", "", true)));

      assertThat(route.labels().targetModel()).isEqualTo("after");
    }
  }

  @Test
  void thoseOfANegativePriorityMayBeRefusedFirst() {
    fixture.objectives.keepObjectives(
        List.of(
            new InferenceObjective("batch", -1),
            new InferenceObjective("chat", 1),
            new InferenceObjective("usual", null)));
    var service = fixture.service();
    assertThat(service.isSheddable("batch")).isTrue();
    assertThat(List.of("chat", "usual", "unknown", "")).noneMatch(service::isSheddable);
  }

  @Nested
  class Objectives {

    private int priority(String objective) {
      return routed(withObjective(objective)).labels().priority();
    }

    @Test
    void theObjectiveThatTheHeaderNamesSetsThePriority() {
      fixture.objectives.keepObjectives(
          List.of(new InferenceObjective("premium", 4), new InferenceObjective("batch", -2)));

      assertThat(priority("premium")).isEqualTo(4);
      assertThat(priority("batch")).isEqualTo(-2);
    }

    @Test
    void withoutAnObjectiveThePriorityIsZero() {
      fixture.objectives.keepObjectives(
          List.of(new InferenceObjective("premium", 4), new InferenceObjective("plain", null)));

      assertThat(priority("")).isZero();
      assertThat(priority("unheard-of")).isZero();
      assertThat(priority("Premium")).isZero();
      assertThat(priority("plain")).isZero();
    }

    @Test
    void theEvidenceDistinguishesAnUnknownObjectiveFromOneWithoutPriority() {
      fixture.objectives.keepObjectives(List.of(new InferenceObjective("plain", null)));

      assertThat(routed(withObjective("plain")).evidence().resolution())
          .isEqualTo(new Resolution("plain", true, null));
      assertThat(routed(withObjective("unheard-of")).evidence().resolution())
          .isEqualTo(new Resolution("unheard-of", false, null));
    }

    @Test
    void ofTwoObjectivesWithOneNameTheLaterCounts() {
      fixture.objectives.keepObjectives(
          List.of(new InferenceObjective("premium", 4), new InferenceObjective("premium", 5)));

      assertThat(priority("premium")).isEqualTo(5);
    }

    @Test
    void anObjectiveThatIsGoneCountsNoMore() {
      fixture.objectives.keepObjectives(List.of(new InferenceObjective("premium", 4)));
      fixture.objectives.keepObjectives(List.of());

      assertThat(priority("premium")).isZero();
    }
  }
}
