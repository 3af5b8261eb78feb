package ai.llmd.epp.domain.scheduling.session;

import static ai.llmd.epp.domain.scheduling.CycleFixture.inOrder;
import static ai.llmd.epp.domain.scheduling.session.Sessions.BY_ID;
import static ai.llmd.epp.domain.scheduling.session.Sessions.BY_TOKEN;
import static ai.llmd.epp.domain.scheduling.session.Sessions.answered;
import static ai.llmd.epp.domain.scheduling.session.Sessions.ofSession;
import static ai.llmd.epp.domain.scheduling.session.Sessions.request;
import static ai.llmd.epp.domain.scheduling.session.Sessions.send;
import static ai.llmd.epp.domain.scheduling.session.Sessions.without;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import org.junit.jupiter.api.Test;

class SessionAffinityScorerTest {

  private final Sessions sessions = new Sessions();

  @Test
  void prefersTheEndpointThatTheTokenNames() {
    SessionAffinityScorer scorer = scorer(BY_TOKEN);
    SchedulingCycle cycle = request("x-session-token", "ZGVmYXVsdC9wb2QtMQ==");
    assertThat(scores(scorer, cycle)).containsExactly(0, 1, 0);
    assertThat(answered(send(scorer, cycle, "pod-2")))
        .containsEntry("x-session-token", "ZGVmYXVsdC9wb2QtMg==");
  }

  @Test
  void scoresAllZeroWithoutASession() {
    assertThat(scores(scorer(BY_TOKEN), request("x-session-token", "!!!")))
        .containsExactly(0, 0, 0);
    assertThat(scores(scorer(BY_ID), request("other", "x"))).containsExactly(0, 0, 0);
  }

  @Test
  void prefersTheEndpointOfTheSessionsFirstRequest() {
    SessionAffinityScorer scorer = scorer(BY_ID);
    SchedulingCycle first = ofSession("u1");
    assertThat(scores(scorer, first)).containsExactly(0, 0, 0);
    send(scorer, first, "pod-2");
    SchedulingCycle second = ofSession("u1");
    assertThat(scores(scorer, second)).containsExactly(0, 0, 1);
    send(scorer, second, "pod-0");
    assertThat(scores(scorer, ofSession("u1"))).containsExactly(0, 0, 1);
  }

  @Test
  void movesASessionWhoseEndpointIsNoCandidate() {
    SessionAffinityScorer scorer = scorer(BY_ID);
    send(scorer, ofSession("u1"), "pod-0");
    SchedulingCycle orphaned = without("pod-0", ofSession("u1"));
    assertThat(scores(scorer, orphaned)).containsExactly(0, 0);
    send(scorer, orphaned, "pod-1");
    assertThat(scores(scorer, ofSession("u1"))).containsExactly(0, 1, 0);
  }

  @Test
  void isExperimental() {
    assertThat(SessionAffinityScorer.TYPE.stability()).isEqualTo(Stability.ALPHA);
  }

  private SessionAffinityScorer scorer(SessionParameters parameters) {
    return sessions.build(SessionAffinityScorer.TYPE, parameters, SessionAffinityScorer.class);
  }

  private static double[] scores(SessionAffinityScorer scorer, SchedulingCycle cycle) {
    return inOrder(cycle, scorer.score(cycle));
  }
}
