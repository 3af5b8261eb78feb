package ai.llmd.epp.domain.scheduling.session;

import static ai.llmd.epp.domain.scheduling.session.SessionParameters.Strategy.ENCODED_ENDPOINT_HEADER;
import static ai.llmd.epp.domain.scheduling.session.SessionParameters.Strategy.SESSION_ID;

import ai.llmd.epp.domain.catalogue.FakeContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.routing.FakeResponseHead;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import ai.llmd.epp.domain.scheduling.session.SessionParameters.SessionIdConfig;
import ai.llmd.epp.domain.state.SharedState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Three endpoints, a clock, and requests of sessions, for tests of both strategies. */
final class Sessions {

  static final SessionParameters BY_TOKEN = SessionParameters.DEFAULT;
  static final SessionParameters BY_ID = with(SESSION_ID, "");

  final SharedState state = new SharedState(SharedState.Budget.DEFAULT);
  private final AtomicLong now = new AtomicLong(-5); // nanoTime may be negative

  static SessionParameters with(SessionParameters.Strategy strategy, String profile) {
    return with(strategy, BY_TOKEN.sessionIdConfig(), profile);
  }

  static SessionParameters with(
      SessionParameters.Strategy strategy, SessionIdConfig sessionIds, String profile) {
    return new SessionParameters(
        strategy, BY_TOKEN.encodedEndpointHeaderConfig(), sessionIds, profile);
  }

  static SessionParameters byTokenOf(String profile) {
    return with(ENCODED_ENDPOINT_HEADER, profile);
  }

  <P> P build(PluginType<SessionParameters> type, SessionParameters parameters, Class<P> kind) {
    LongSupplier nanoClock = now::get;
    Map<Class<?>, Object> parts = Map.of(SharedState.class, state, LongSupplier.class, nanoClock);
    return kind.cast(type.create(parameters, new FakeContext("sticky", parts)));
  }

  void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  /** A request with one header and all three endpoints; nothing is known about it yet. */
  static SchedulingCycle request(String header, String value) {
    return new CycleFixture().idle(3).headers(Map.of(header, value)).build();
  }

  static SchedulingCycle ofSession(String id) {
    return request("x-session-id", id);
  }

  static SchedulingCycle without(String pod, SchedulingCycle cycle) {
    return cycle.with(cycle.candidates().where(c -> !c.endpoint().podName().equals(pod)));
  }

  /** The request goes to this pod, by the only profile. */
  static @Nullable ResponseObserver send(PreRequest plugin, SchedulingCycle cycle, String pod) {
    return send(plugin, cycle, Map.of("default", pod), "default");
  }

  static @Nullable ResponseObserver send(
      PreRequest plugin, SchedulingCycle cycle, Map<String, String> podByProfile, String primary) {
    ProfileResults results = new ProfileResults();
    podByProfile.forEach((profile, pod) -> results.put(profile, result(cycle, pod)));
    return plugin.onRouted(
        new RoutedRequest(
            cycle.request(),
            cycle.facts(),
            primary,
            results.find(primary).orElseThrow(),
            results,
            new HeaderChanges()));
  }

  private static ProfileResult result(SchedulingCycle cycle, String pod) {
    Candidates pick = cycle.candidates().where(c -> c.endpoint().podName().equals(pod));
    if (pick.isEmpty()) {
      throw new IllegalArgumentException("no candidate " + pod);
    }
    return new ProfileResult(pick, cycle.candidates(), Scores.all(cycle, 0));
  }

  /** The headers that the client gets. */
  static Map<String, String> answered(@Nullable ResponseObserver observer) {
    var head = FakeResponseHead.of(Map.of());
    if (observer != null) {
      observer.onHeaders(head);
    }
    return head.set();
  }

  /** The response comes, with this status. */
  static void answer(@Nullable ResponseObserver observer, String status) {
    if (observer != null) {
      observer.onHeaders(FakeResponseHead.of(Map.of(":status", status)));
    }
  }

  static List<String> all() {
    return List.of("pod-0", "pod-1", "pod-2");
  }
}
