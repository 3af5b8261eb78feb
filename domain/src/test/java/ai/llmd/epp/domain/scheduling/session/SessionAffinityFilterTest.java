package ai.llmd.epp.domain.scheduling.session;

import static ai.llmd.epp.domain.scheduling.CycleFixture.names;
import static ai.llmd.epp.domain.scheduling.session.SessionParameters.Strategy.SESSION_ID;
import static ai.llmd.epp.domain.scheduling.session.Sessions.BY_ID;
import static ai.llmd.epp.domain.scheduling.session.Sessions.BY_TOKEN;
import static ai.llmd.epp.domain.scheduling.session.Sessions.answered;
import static ai.llmd.epp.domain.scheduling.session.Sessions.ofSession;
import static ai.llmd.epp.domain.scheduling.session.Sessions.request;
import static ai.llmd.epp.domain.scheduling.session.Sessions.send;
import static ai.llmd.epp.domain.scheduling.session.Sessions.without;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.facts.RequestAttribute;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.session.SessionParameters.EncodedEndpointHeaderConfig;
import ai.llmd.epp.domain.scheduling.session.SessionParameters.SessionIdConfig;
import ai.llmd.epp.domain.scheduling.session.SessionParameters.Source;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionAffinityFilterTest {

  private static final String TOKEN_OF_POD_1 = "ZGVmYXVsdC9wb2QtMQ==";

  private final Sessions sessions = new Sessions();

  @Test
  void givesTheClientATokenAndFollowsIt() {
    SessionAffinityFilter filter = filter(BY_TOKEN);
    SchedulingCycle first = new CycleFixture().idle(3).build();
    assertThat(filter.filter(first)).isSameAs(first.candidates());
    assertThat(answered(send(filter, first, "pod-1")))
        .containsExactly(Map.entry("x-session-token", TOKEN_OF_POD_1));
    assertThat(kept(filter, request("x-session-token", TOKEN_OF_POD_1))).containsExactly("pod-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "!!!",
        "!!!!",
        "====",
        "ZGVmYXVsdC9wb2QtMQ", // without its padding
        "ZGVmYXVsdC9wb2QtMQ=",
        "ZGVmYXVsdC9wb2QtM===",
        "ZGVmYXVsdC9nb25l", // default/gone
        "cG9kLTE=", // pod-1, without a namespace
        "/w==" // no UTF-8
      })
  void keepsAllForATokenThatNamesNoCandidate(String token) {
    SchedulingCycle cycle = request("x-session-token", token);
    assertThat(filter(BY_TOKEN).filter(cycle)).isSameAs(cycle.candidates());
  }

  @Test
  void readsAndWritesTheConfiguredHeader() {
    SessionAffinityFilter filter =
        filter(
            new SessionParameters(
                BY_TOKEN.strategy(),
                new EncodedEndpointHeaderConfig(" X-My-Sess "),
                BY_TOKEN.sessionIdConfig(),
                ""));
    SchedulingCycle cycle = request("x-my-sess", TOKEN_OF_POD_1);
    assertThat(kept(filter, cycle)).containsExactly("pod-1");
    assertThat(answered(send(filter, cycle, "pod-1"))).containsOnlyKeys("x-my-sess");
  }

  @Test
  void returnsToTheClientWhatTheNamedProfilePicked() {
    SessionAffinityFilter filter = filter(Sessions.byTokenOf("prefill"));
    SchedulingCycle cycle = new CycleFixture().idle(3).build();
    assertThat(
            answered(send(filter, cycle, Map.of("decode", "pod-0", "prefill", "pod-1"), "decode")))
        .containsExactly(Map.entry("x-session-token", TOKEN_OF_POD_1));
    assertThat(answered(send(filter, cycle, Map.of("decode", "pod-0"), "decode"))).isEmpty();
  }

  @Test
  void remembersTheEndpointOfASessionsFirstRequest() {
    SessionAffinityFilter filter = filter(BY_ID);
    SchedulingCycle first = ofSession("u1");
    assertThat(kept(filter, first)).isEqualTo(Sessions.all());
    assertThat(answered(send(filter, first, "pod-2"))).isEmpty();
    assertThat(kept(filter, ofSession(" u1 "))).containsExactly("pod-2");
    assertThat(kept(filter, ofSession("u2"))).isEqualTo(Sessions.all());
    assertThat(kept(filter, ofSession(" "))).isEqualTo(Sessions.all());
    assertThat(kept(filter, new CycleFixture().idle(3).build())).isEqualTo(Sessions.all());
  }

  @Test
  void forgetsABindingOfARequestThatNeverArrived() {
    SessionAffinityFilter filter = filter(BY_ID);
    Sessions.answer(send(filter, ofSession("u1"), "pod-2"), "503");
    assertThat(kept(filter, ofSession("u1"))).isEqualTo(Sessions.all());

    Sessions.answer(send(filter, ofSession("u1"), "pod-1"), "200");
    Sessions.answer(send(filter, ofSession("u1"), "pod-1"), "503");
    assertThat(kept(filter, ofSession("u1"))).as("bound before").containsExactly("pod-1");
  }

  @Test
  void keepsASessionThatWentElsewhereAlthoughItsEndpointWasThere() {
    SessionAffinityFilter filter = filter(BY_ID);
    send(filter, ofSession("u1"), "pod-2");
    SchedulingCycle diverted = ofSession("u1");
    filter.filter(diverted);
    send(filter, diverted, "pod-0");
    assertThat(kept(filter, ofSession("u1"))).containsExactly("pod-2");
  }

  @Test
  void keepsASessionWhoseRequestNeverAskedForItsEndpoint() {
    SessionAffinityFilter filter = filter(BY_ID);
    send(filter, ofSession("u1"), "pod-2");
    send(filter, ofSession("u1"), "pod-0");
    assertThat(kept(filter, ofSession("u1"))).containsExactly("pod-2");
  }

  @Test
  void movesASessionWhoseEndpointIsNoCandidate() {
    SessionAffinityFilter filter = filter(BY_ID);
    send(filter, ofSession("u1"), "pod-2");
    SchedulingCycle orphaned = without("pod-2", ofSession("u1"));
    assertThat(kept(filter, orphaned)).containsExactly("pod-0", "pod-1");
    send(filter, orphaned, "pod-1");
    assertThat(kept(filter, ofSession("u1"))).containsExactly("pod-1");
  }

  @Test
  void anotherRequestOfTheSessionDoesNotMoveIt() {
    SessionAffinityFilter filter = filter(BY_ID);
    send(filter, ofSession("u1"), "pod-2");
    filter.filter(without("pod-2", ofSession("u1"))); // never sent
    SchedulingCycle other = ofSession("u1");
    filter.filter(other);
    send(filter, other, "pod-0");
    assertThat(kept(filter, ofSession("u1"))).containsExactly("pod-2");
  }

  @Test
  void bindsToWhatTheNamedProfilePicked() {
    SessionAffinityFilter filter = filter(Sessions.with(SESSION_ID, "prefill"));
    send(filter, ofSession("u1"), Map.of("decode", "pod-0", "prefill", "pod-2"), "decode");
    send(filter, ofSession("u2"), Map.of("decode", "pod-0"), "decode");
    assertThat(kept(filter, ofSession("u1"))).containsExactly("pod-2");
    assertThat(kept(filter, ofSession("u2"))).isEqualTo(Sessions.all());
  }

  @Test
  void findsTheIdInTheFirstSourceThatHasOne() {
    SessionAffinityFilter filter =
        filter(
            Sessions.with(
                SESSION_ID,
                new SessionIdConfig(
                    List.of(
                        new Source("X-Conv", "", ""),
                        new Source("", "SessionIDDataKey", "session-id-producer"),
                        new Source("", "agent-identity", "")),
                    60,
                    5),
                ""));
    send(filter, request("x-conv", "k1"), "pod-2");
    assertThat(filter.uses())
        .containsExactlyInAnyOrder(RequestAttribute.SESSION_ID, RequestAttribute.AGENT_IDENTITY);
    assertThat(kept(filter, identified(" ", "k1", ""))).containsExactly("pod-2");
    assertThat(kept(filter, identified(" ", " ", " k1"))).containsExactly("pod-2");
    assertThat(kept(filter, identified("k9", "k1", "k1"))).isEqualTo(Sessions.all());
  }

  private static SchedulingCycle identified(String header, String sessionId, String agent) {
    return new CycleFixture()
        .idle(3)
        .headers(Map.of("x-conv", header))
        .fact(RequestAttribute.SESSION_ID, sessionId)
        .fact(RequestAttribute.AGENT_IDENTITY, agent)
        .build();
  }

  @Test
  void forgetsASessionAtTheSweepAfterItsTime() {
    SessionAffinityFilter filter = filter(BY_ID);
    sessions.pass(Duration.ofSeconds(3));
    send(filter, ofSession("u1"), "pod-2");
    sessions.pass(Duration.ofSeconds(306)); // swept at 300, when it was 297 s old
    assertThat(kept(filter, ofSession("u1"))).containsExactly("pod-2");
    sessions.pass(Duration.ofSeconds(1)); // swept at 310, when it is 307 s old
    assertThat(kept(filter, ofSession("u1"))).isEqualTo(Sessions.all());
    send(filter, ofSession("u1"), "pod-0");
    assertThat(kept(filter, ofSession("u1"))).containsExactly("pod-0");
  }

  @Test
  void beingSentToItsEndpointKeepsASessionAlive() {
    SessionAffinityFilter filter = filter(BY_ID);
    for (int i = 0; i < 10; i++) {
      send(filter, ofSession("u1"), "pod-2");
      sessions.pass(Duration.ofSeconds(200));
      assertThat(kept(filter, ofSession("u1"))).containsExactly("pod-2");
    }
  }

  @Test
  void freesTheMemoryOfForgottenSessions() {
    SessionAffinityFilter filter = filter(BY_ID);
    for (int i = 0; i < 10_000; i++) {
      send(filter, ofSession("u" + i), "pod-2");
    }
    sessions.pass(Duration.ofMinutes(10));
    for (int i = 0; i < 100; i++) {
      filter.filter(ofSession("new"));
    }
    assertThat(sessions.state.boundSessions()).isZero();
  }

  @Test
  void keepsLongIdsApartWithoutKeepingThem() {
    SessionAffinityFilter filter = filter(BY_ID);
    String common = "x".repeat(60_000);
    send(filter, ofSession(common + "1"), "pod-1");
    send(filter, ofSession(common + "2"), "pod-2");
    assertThat(kept(filter, ofSession(common + "1"))).containsExactly("pod-1");
    assertThat(kept(filter, ofSession(common + "2"))).containsExactly("pod-2");
    assertThat(kept(filter, ofSession(common))).isEqualTo(Sessions.all());
    assertThat(sessions.state.sessions("sticky").endpointOf(common + "1", 0, Long.MAX_VALUE))
        .isNull();
  }

  @Test
  void bothTypesAreExperimental() {
    assertThat(SessionAffinityFilter.TYPE.stability()).isEqualTo(Stability.ALPHA);
    assertThat(SessionAffinityFilter.MULTICLUSTER_TYPE.stability()).isEqualTo(Stability.ALPHA);
    assertThat(SessionAffinityFilter.MULTICLUSTER_TYPE.reportedAs())
        .isEqualTo("multicluster-session-affinity-filter");
  }

  private SessionAffinityFilter filter(SessionParameters parameters) {
    return sessions.build(SessionAffinityFilter.TYPE, parameters, SessionAffinityFilter.class);
  }

  private static List<String> kept(SessionAffinityFilter filter, SchedulingCycle cycle) {
    return names(filter.filter(cycle));
  }
}
