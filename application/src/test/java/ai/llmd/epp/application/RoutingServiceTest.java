package ai.llmd.epp.application;

import static ai.llmd.epp.application.RoutingFixture.request;
import static ai.llmd.epp.application.RoutingFixture.withFairnessId;
import static ai.llmd.epp.application.RoutingFixture.withModels;
import static ai.llmd.epp.application.RoutingFixture.withSubset;
import static ai.llmd.epp.application.RoutingFixture.withoutModel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.SubsetHint;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.Evidence.Choice;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.routing.RoutingDecision.ScoredCandidates;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RoutingServiceTest {

  private final RoutingFixture fixture = new RoutingFixture();

  private Route routed(ReceivedRequest request) {
    return (Route) fixture.route(request);
  }

  private void assertRejected(RoutingDecision decision, Reason reason, String detail) {
    assertThat(decision).isInstanceOf(Reject.class);
    Reject reject = (Reject) decision;
    assertThat(reject.reason()).isEqualTo(reason);
    assertThat(reject.detail()).isEqualTo(detail);
  }

  @Nested
  class ThePlainCase {

    @Test
    void routesToThePickOfThePrimaryProfile() {
      fixture.withPods(3);

      Route route = routed(request());

      assertThat(route.destination()).isEqualTo("192.168.1.3:8000");
      ScoredCandidates scored = Objects.requireNonNull(route.scored());
      assertThat(scored.candidates().size()).isEqualTo(3);
      assertThat(scored.totals().at(1)).isEqualTo(2);
    }

    @Test
    void gathersTheEvidenceWithTimings() {
      fixture.withPods(2).producer("facts", cycle -> {}).preRequest("hook", routed -> null);

      Evidence evidence = routed(request()).evidence();

      assertThat(evidence.candidates()).isEqualTo(2);
      assertThat(evidence.steps())
          .extracting(Evidence.Step::extensionPoint, Evidence.Step::name, Evidence.Step::degraded)
          .containsExactly(tuple("DataProducer", "facts", ""), tuple("PreRequest", "hook", ""));
      assertThat(evidence.steps()).allMatch(step -> step.nanos() == 1_000);
      assertThat(evidence.handlerCalls())
          .extracting(Evidence.Step::extensionPoint, Evidence.Step::name)
          .containsExactly(
              tuple("ProfilePicker", "single"),
              tuple("ProfilePicker", "single"),
              tuple("ProcessProfilesResults", "single"));
      assertThat(evidence.handlerCalls()).allMatch(call -> call.nanos() == 1_000);
      assertThat(evidence.choice()).isEqualTo(new Choice("default", Endpoints.pod(1)));
      assertThat(evidence.scheduleNanos()).isPositive();
      assertThat(evidence.totalNanos()).isGreaterThan(evidence.scheduleNanos());
    }
  }

  @Nested
  class TheName {

    @Test
    void refusesARequestWithoutAModel() {
      fixture.withPods(1);

      assertRejected(
          fixture.route(withModels("", "", true)),
          Reason.MALFORMED,
          "model not found in request body");
    }

    @Test
    void routesARequestWithoutAModelWhereTheApiHasNoneOrItIsOptional() {
      fixture.withPods(1);

      for (ApiKind api : ApiKind.values()) {
        assertThat(fixture.route(withoutModel(api)) instanceof Route)
            .as("%s", api)
            .isEqualTo(!api.needsModel());
      }
      assertThat(Arrays.stream(ApiKind.values()).filter(ApiKind::needsModel))
          .containsExactly(
              ApiKind.CHAT_COMPLETIONS, ApiKind.COMPLETIONS, ApiKind.EMBEDDINGS, ApiKind.MESSAGES);
    }

    @Test
    void takesTheRewriteHeaderForAMissingModel() {
      fixture.withPods(1);

      assertThat(routed(withModels("", "tuned", true)).labels().targetModel()).isEqualTo("tuned");
    }

    @Test
    void servesTheModelThatTheClientNamed() {
      fixture.withPods(1);

      assertThat(routed(withModels("llama", "", true)).labels().targetModel()).isEqualTo("llama");
    }

    @Test
    void leavesTheModelAloneWhenTheParserCannotRewrite() {
      fixture.withPods(1);

      assertThat(routed(withModels("llama", "", false)).labels().targetModel()).isEmpty();
      assertThat(routed(withModels("", "tuned", false)).labels().targetModel()).isEqualTo("tuned");
    }
  }

  @Nested
  class TheTurn {

    @Test
    void takesTheFairnessIdFromTheHeaderOrTheDefault() {
      fixture.withPods(1);

      assertThat(routed(withFairnessId("alice")).labels().fairnessId()).isEqualTo("alice");
      assertThat(routed(withFairnessId("")).labels().fairnessId()).isEqualTo("default-flow");
    }

    @Test
    void showsTheDefaultFairnessIdToPlugins() {
      Set<String> seen = new HashSet<>();
      fixture
          .withPods(1)
          .preRequest(
              "spy",
              routed -> {
                seen.add(routed.request().fairnessId());
                return null;
              });

      fixture.route(withFairnessId(""));

      assertThat(seen).containsExactly("default-flow");
    }
  }

  @Nested
  class Admitting {

    @Test
    void admitsARequestThatIsNotSheddableWhateverTheSaturation() {
      fixture.withPods(1).saturation = 5;

      assertThat(fixture.route(fixture.withPriority(0))).isInstanceOf(Route.class);
    }

    @Test
    void admitsASheddableRequestWhileThereIsRoom() {
      fixture.withPods(1).saturation = 0.99;

      assertThat(fixture.route(fixture.withPriority(-1))).isInstanceOf(Route.class);
    }

    @Test
    void shedsASheddableRequestWhenSaturated() {
      fixture.withPods(1).saturation = 1;

      assertRejected(
          fixture.route(fixture.withPriority(-1)),
          Reason.SHED,
          "system saturated, sheddable request dropped");
    }

    @Test
    void shedsASheddableRequestWhenThePoolIsEmpty() {
      assertRejected(
          fixture.route(fixture.withPriority(-1)),
          Reason.SHED,
          "system saturated, sheddable request dropped");
    }
  }

  @Nested
  class Locating {

    @Test
    void refusesWhenThereIsNoCandidate() {
      assertRejected(
          fixture.route(request()),
          Reason.NO_CANDIDATE,
          "failed to find endpoint candidates for serving the request");
    }

    @Test
    void takesOnlyWhatTheSubsetAllows() {
      fixture.withPods(3);

      Route one = routed(withSubset(SubsetHint.only(Set.of("192.168.1.1"))));
      Route two = routed(withSubset(SubsetHint.only(Set.of("192.168.1.1", "192.168.1.2"))));

      assertThat(one.destination()).isEqualTo("192.168.1.1:8000");
      assertThat(one.evidence().candidates()).isEqualTo(1);
      assertThat(two.evidence().candidates()).isEqualTo(2);
    }

    @Test
    void findsNoCandidateForAnEmptyOrForeignSubset() {
      fixture.withPods(3);

      for (Set<String> addresses : List.of(Set.<String>of(), Set.of("192.168.1.99"))) {
        assertRejected(
            fixture.route(withSubset(SubsetHint.only(addresses))),
            Reason.NO_CANDIDATE,
            "failed to find endpoint candidates for serving the request");
      }
    }

    @Test
    void ignoresTheSubsetWhenTheFilterIsDisabled() {
      fixture.withPods(3).honoursSubsetHint = false;

      assertThat(routed(withSubset(SubsetHint.only(Set.of()))).evidence().candidates())
          .isEqualTo(3);
    }
  }

  @Nested
  class Producing {

    @Test
    void goesOnWithoutTheProducersBehindOneThatThrows() {
      Set<String> ran = new HashSet<>();
      fixture
          .withPods(1)
          .producer("first", cycle -> ran.add("first"))
          .producer(
              "broken",
              cycle -> {
                throw new IllegalStateException("a secret of the prompt");
              })
          .producer("behind", cycle -> ran.add("behind"));

      Route route = routed(request());

      assertThat(ran).containsExactly("first");
      assertThat(fixture.faults).containsExactly("DataProducer broken");
      assertThat(route.evidence().steps())
          .extracting(Evidence.Step::degraded)
          .containsExactly("", "failed with IllegalStateException");
    }
  }

  @Nested
  class Scheduling {

    @Test
    void reportsThatFiltersLeftNoCandidate() {
      fixture.withPods(2).filter = cycle -> cycle.candidates().where(candidate -> false);

      RoutingDecision decision = fixture.route(request());

      assertRejected(decision, Reason.ALL_FILTERED, "no endpoints available for the given request");
      assertThat(decision.evidence().profiles()).hasSize(1);
      assertThat(decision.evidence().choice()).isNull();
    }

    @Test
    void passesOnWhyTheHandlerFoundNothing() {
      fixture.withPods(1).handler = new RefusingHandler();

      assertRejected(
          fixture.route(request()),
          Reason.NOT_SCHEDULED,
          "failed to find target endpoint: no profile ran");
    }

    @Test
    void survivesAScorerThatThrows() {
      fixture.withPods(1).scorer =
          cycle -> {
            throw new IllegalStateException("a secret of the prompt");
          };

      assertRejected(
          fixture.route(request()),
          Reason.NOT_SCHEDULED,
          "failed to find target endpoint: Scorer \"slot/test-scorer\" failed with"
              + " IllegalStateException");
      assertThat(fixture.faults).containsExactly("Scorer slot");
    }
  }

  /** Broken code throws errors; see NonFatalTest for which of them are survived. */
  @Nested
  class WithABrokenPlugin {

    @Test
    void refusesARequestThatCannotBeScored() {
      fixture.withPods(1).scorer =
          cycle -> {
            throw new NoSuchMethodError("gone");
          };

      assertRejected(
          fixture.route(request()),
          Reason.NOT_SCHEDULED,
          "failed to find target endpoint: Scorer \"slot/test-scorer\" failed with"
              + " NoSuchMethodError");
      assertThat(fixture.faults).containsExactly("Scorer slot");
    }

    @Test
    void goesOnWithoutItsFacts() {
      fixture
          .withPods(1)
          .producer(
              "broken",
              cycle -> {
                throw new StackOverflowError();
              });

      assertThat(routed(request()).evidence().steps())
          .extracting(Evidence.Step::degraded)
          .containsExactly("failed with StackOverflowError");
      assertThat(fixture.faults).containsExactly("DataProducer broken");
    }

    @Test
    void refusesARequestThatItCouldNotPrepare() {
      fixture
          .withPods(1)
          .preRequest(
              "broken",
              routed -> {
                throw new AssertionError("no");
              });

      assertRejected(
          fixture.route(request()),
          Reason.INTERNAL,
          "PreRequest \"broken/test-plugin\" failed: java.lang.AssertionError: no");
    }

    @Test
    void shedsNoRequestWhenTheDetectorFails() {
      fixture.withPods(1).detector =
          (candidates, now) -> {
            throw new NoClassDefFoundError("gone/For/Good");
          };

      assertThat(fixture.route(fixture.withPriority(-1))).isInstanceOf(Route.class);
      assertThat(fixture.faults).containsExactly("SaturationDetector saturation-detector");
    }
  }

  @Nested
  class WithoutABody {

    @Test
    void refusesWhenNoEndpointIsThere() {
      assertRejected(
          fixture.service().routeWithoutBody("r", SubsetHint.ALL),
          Reason.NO_CANDIDATE,
          "failed to find endpoint candidates for serving the request");
    }

    @Test
    void staysWithinTheSubset() {
      fixture.withPods(4);

      for (int i = 0; i < 50; i++) {
        RoutingDecision decision =
            fixture.service().routeWithoutBody("r", SubsetHint.only(Set.of("192.168.1.2")));
        assertThat(((Route) decision).destination()).isEqualTo("192.168.1.2:8000");
      }
      assertRejected(
          fixture.service().routeWithoutBody("r", SubsetHint.only(Set.of())),
          Reason.NO_CANDIDATE,
          "failed to find endpoint candidates for serving the request");
    }

    @Test
    void asksNoEndpointThatOnlyPrefillsOrEncodes() {
      fixture.pool.keep(
          List.of(
              withRole("p", "192.168.1.1", "prefill"),
              withRole("d", "192.168.1.2", "decode"),
              withRole("e", "192.168.1.3", "encode")));

      for (int i = 0; i < 50; i++) {
        assertThat(destinationWithin(SubsetHint.ALL)).isEqualTo("192.168.1.2:8000");
      }
      assertThat(destinationWithin(SubsetHint.only(Set.of("192.168.1.1"))))
          .as("no other is allowed")
          .isEqualTo("192.168.1.1:8000");
    }

    private String destinationWithin(SubsetHint subset) {
      return ((Route) fixture.service().routeWithoutBody("r", subset)).destination();
    }

    private static Endpoint withRole(String name, String address, String role) {
      return Endpoint.of(new EndpointId("", name), address, 8000, Map.of("llm-d.ai/role", role));
    }

    @Test
    void takesTheOnlyOneThereIs() {
      fixture.withPods(1);

      RoutingDecision decision = fixture.service().routeWithoutBody("r", SubsetHint.ALL);

      assertThat(decision).isInstanceOf(Route.class);
      assertThat(((Route) decision).destination()).isEqualTo("192.168.1.1:8000");
      assertThat(((Route) decision).labels().requestId()).isEqualTo("r");
    }

    @Test
    void takesAnyOfMany() {
      fixture.withPods(4);
      RoutingService service = fixture.service();
      Set<String> destinations = new HashSet<>();
      for (int i = 0; i < 200; i++) {
        destinations.add(((Route) service.routeWithoutBody("r", SubsetHint.ALL)).destination());
      }

      assertThat(destinations).hasSize(4);
    }
  }

  /** Runs nothing. */
  private static final class RefusingHandler implements ProfileHandler {

    @Override
    public List<SchedulingProfile> pick(
        SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
      return List.of();
    }

    @Override
    public Outcome process(SchedulingCycle cycle, ProfileResults results) {
      return new Outcome.Failed("not asked");
    }
  }
}
