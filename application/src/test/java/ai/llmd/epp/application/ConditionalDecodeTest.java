package ai.llmd.epp.application;

import static ai.llmd.epp.application.RoutingFixture.request;
import static ai.llmd.epp.application.RoutingFixture.withHeaders;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionalDecodeTest {

  private static final ReceivedRequest ONLY_IF_CACHED =
      withHeaders(Map.of("prefer", "if-available"));

  private final RoutingFixture fixture = new RoutingFixture().withPods(2);

  @BeforeEach
  void open() {
    fixture.hasConditionalDecode = true;
  }

  private void cached(String producer, int first, int second) {
    fixture.producer(
        producer,
        cycle ->
            cycle
                .facts()
                .put(
                    PrefixMatches.key(producer),
                    PrefixMatches.uniform(new int[] {first, second}, 8, 16)));
  }

  private static void assertNotCached(RoutingDecision decision) {
    assertThat(decision).isInstanceOf(Reject.class);
    assertThat(((Reject) decision).reason()).isEqualTo(Reason.NOT_CACHED);
    assertThat(((Reject) decision).detail())
        .isEqualTo("no decode worker has the requested KV cache");
  }

  @Test
  void refusesWhenTheDestinationHasNothingCached() {
    cached(PrefixMatches.DEFAULT_PRODUCER, 5, 0);

    assertNotCached(fixture.route(ONLY_IF_CACHED));
  }

  @Test
  void routesWhenTheDestinationHasABlockCached() {
    cached(PrefixMatches.DEFAULT_PRODUCER, 0, 1);

    assertThat(fixture.route(ONLY_IF_CACHED)).isInstanceOf(Route.class);
  }

  @Test
  void refusesWhenWhatIsCachedIsUnknown() {
    assertNotCached(fixture.route(ONLY_IF_CACHED));
  }

  @Test
  void doesNotAskAnotherProducer() {
    cached("my-prefix-producer", 5, 5);

    assertNotCached(fixture.route(ONLY_IF_CACHED));
  }

  @Test
  void routesARequestWithoutTheHeader() {
    assertThat(fixture.route(request())).isInstanceOf(Route.class);
  }

  @Test
  void answersNothingUnlessItIsOpened() {
    fixture.hasConditionalDecode = false;

    assertThat(fixture.route(ONLY_IF_CACHED)).isInstanceOf(Route.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "If-Available",
        "wait=10, if-available",
        " if-available ;q=1,x",
        "a;b,IF-AVAILABLE"
      })
  void readsThePreferenceFromAListWithParameters(String prefer) {
    assertNotCached(fixture.route(withHeaders(Map.of("prefer", prefer))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",", "if-available-soon", "x;if-available", "if available"})
  void takesNothingElseForThePreference(String prefer) {
    assertThat(fixture.route(withHeaders(Map.of("prefer", prefer)))).isInstanceOf(Route.class);
  }
}
