package ai.llmd.epp.application;

import static ai.llmd.epp.application.RoutingFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ResponseFollowerTest {

  private final RoutingFixture fixture = new RoutingFixture().withPods(1);
  private final ResponseFollower follower = new ResponseFollower();
  private final List<String> calls = new ArrayList<>();

  private static ResponseSummary summary(Termination termination) {
    return new ResponseSummary(termination, Usage.NONE, false, 0, 0, -1, 1);
  }

  private ResponseObserver notes(String name, Map<String, Map<String, Object>> metadata) {
    return new ResponseObserver() {
      @Override
      public void onHeaders(ResponseHead head) {
        calls.add(name + " headers");
        head.set("x-" + name, "1");
      }

      @Override
      public void onFirstBytes() {
        calls.add(name + " first bytes");
      }

      @Override
      public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
        calls.add(name + " " + summary.termination().label());
        return metadata;
      }
    };
  }

  private static ResponseObserver throwing() {
    return new ResponseObserver() {
      @Override
      public void onHeaders(ResponseHead head) {
        throw new IllegalStateException("headers");
      }

      @Override
      public void onFirstBytes() {
        throw new IllegalStateException("first bytes");
      }

      @Override
      public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
        throw new IllegalStateException("end");
      }
    };
  }

  private Route route() {
    return (Route) fixture.route(request());
  }

  @Test
  void notifiesEveryObserverInOrder() {
    fixture.preRequest("a", r -> notes("a", Map.of())).preRequest("b", r -> notes("b", Map.of()));
    Route route = route();
    Head head = new Head();

    follower.headers(route, head);
    follower.firstBytes(route);
    follower.ended(route, summary(Termination.NATURAL));

    assertThat(calls)
        .containsExactly(
            "a headers", "b headers", "a first bytes", "b first bytes", "a natural", "b natural");
    assertThat(head.set).containsExactly("x-a", "x-b");
  }

  @Test
  void passesTheTerminationOn() {
    fixture.preRequest("a", r -> notes("a", Map.of()));

    follower.ended(route(), summary(Termination.CLIENT_DISCONNECT));
    follower.ended(route(), summary(Termination.EVICTED));

    assertThat(calls).containsExactly("a client-disconnect", "a evicted");
  }

  @Test
  void goesOnBehindAnObserverThatThrows() {
    fixture.preRequest("broken", r -> throwing()).preRequest("b", r -> notes("b", Map.of()));
    Route route = route();

    follower.headers(route, new Head());
    follower.firstBytes(route);
    follower.ended(route, summary(Termination.NATURAL));

    assertThat(calls).containsExactly("b headers", "b first bytes", "b natural");
    assertThat(fixture.faults)
        .containsExactly(
            "ResponseReceived broken", "ResponseStreaming broken", "ResponseStreaming broken");
  }

  @Test
  void goesOnBehindAnObserverWhoseCodeIsBroken() {
    fixture
        .preRequest(
            "broken",
            r ->
                new ResponseObserver() {
                  @Override
                  public void onFirstBytes() {
                    throw new NoSuchFieldError("gone");
                  }

                  @Override
                  public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
                    throw new AssertionError("end");
                  }
                })
        .preRequest("b", r -> notes("b", Map.of()));
    Route route = route();

    follower.firstBytes(route);
    follower.ended(route, summary(Termination.NATURAL));

    assertThat(calls).containsExactly("b first bytes", "b natural");
    assertThat(fixture.faults)
        .containsExactly("ResponseStreaming broken", "ResponseStreaming broken");
  }

  @Test
  void endsAnObserverOnce() {
    fixture.preRequest("a", r -> notes("a", Map.of()));
    Route route = route();

    follower.ended(route, summary(Termination.NATURAL));
    follower.ended(route, summary(Termination.ERROR));

    assertThat(calls).containsExactly("a natural");
  }

  @Test
  void mergesTheMetadataOfAllObservers() {
    fixture
        .preRequest("a", r -> notes("a", Map.of("envoy.lb", Map.of("x", 1.0, "y", "a"))))
        .preRequest("b", r -> notes("b", Map.of("envoy.lb", Map.of("y", "b"), "other", Map.of())));

    Map<String, Map<String, Object>> metadata =
        follower.ended(route(), summary(Termination.NATURAL));

    assertThat(metadata)
        .containsEntry("envoy.lb", Map.of("x", 1.0, "y", "b"))
        .containsEntry("other", Map.of());
  }

  /** Response headers that were never sent. */
  private static final class Head implements ResponseHead {

    final List<String> set = new ArrayList<>();

    @Override
    public @Nullable String header(String lowerCaseName) {
      return null;
    }

    @Override
    public @Nullable String metadata(String namespace, String key) {
      return null;
    }

    @Override
    public boolean hasMetadata(String namespace) {
      return false;
    }

    @Override
    public void set(String name, String value) {
      set.add(name);
    }
  }
}
