package ai.llmd.epp.application;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.request.StoredAnswers;
import ai.llmd.epp.domain.request.SubsetHint;
import ai.llmd.epp.domain.request.Utf8Text;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.FakeResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where a request goes that refers to an answer which one endpoint keeps. */
class StoredAnswersRoutingTest {

  private static final StoredAnswers NEW = new StoredAnswers("", true);
  private static final StoredAnswers KNOWN = StoredAnswers.of("resp_7");

  private final RoutingFixture fixture = new RoutingFixture().withPods(3);

  private static ReceivedRequest request(StoredAnswers stored) {
    return new ReceivedRequest(
        "req-1",
        name -> null,
        new ReceivedBody(
            ApiKind.RESPONSES,
            "llama",
            true,
            false,
            -1,
            List.of(),
            "",
            17,
            Utf8Text.of(new byte[0]),
            stored),
        RoutingHints.NONE);
  }

  private Route routed(StoredAnswers stored) {
    return (Route) fixture.route(request(stored));
  }

  private Route withoutBody(SubsetHint subset) {
    return (Route) fixture.service().routeWithoutBody("r", subset, KNOWN);
  }

  private static void answer(Route route) {
    for (ResponseObserver observer : route.observers()) {
      observer.onHeaders(FakeResponseHead.of(Map.of(":status", "200")));
      observer.onAnswerId("resp_7");
    }
  }

  private void keepAtTheFirst() {
    EndpointId first = fixture.pool.current().member(0).endpoint().id();
    fixture.answers.storedAnswers().bind("resp_7", first, 0);
  }

  @Test
  void goesWhereTheAnswerWasGiven() {
    Route created = (Route) fixture.service().routeWithoutBody("r", SubsetHint.ALL, NEW);
    answer(created);

    assertThat(routed(KNOWN).destination()).isEqualTo(created.destination());
    for (int i = 0; i < 20; i++) {
      assertThat(withoutBody(SubsetHint.ALL).destination()).isEqualTo(created.destination());
    }
  }

  @Test
  void goesThereAgainstFiltersAndScorers() {
    keepAtTheFirst();

    Route route = routed(KNOWN);

    assertThat(routed(NEW).destination()).isEqualTo("192.168.1.3:8000");
    assertThat(route.destination()).isEqualTo("192.168.1.1:8000");
    assertThat(route.evidence().steps())
        .extracting(Evidence.Step::extensionPoint)
        .contains("StoredAnswers");
  }

  @Test
  void isFollowedBesideHealthAndPlugins() {
    fixture
        .preRequest("one", routed -> new ResponseObserver() {})
        .preRequest("two", routed -> new ResponseObserver() {});

    Route route = routed(NEW);
    answer(route);

    assertThat(routed(KNOWN).destination()).isEqualTo(route.destination());
  }

  @Test
  void staysWithinTheSubset() {
    keepAtTheFirst();

    assertThat(withoutBody(SubsetHint.only(Set.of("192.168.1.2"))).destination())
        .isEqualTo("192.168.1.2:8000");
  }

  @Test
  void goesElsewhereWhereItsHolderIsFilteredAway() {
    keepAtTheFirst();
    fixture.filter = cycle -> cycle.candidates().where(candidate -> candidate.slot() > 0);

    assertThat(routed(KNOWN).destination()).isEqualTo("192.168.1.3:8000");
  }
}
