package ai.llmd.epp.adapter.admin;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.Decisions;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import org.junit.jupiter.api.Test;

class DecisionTextTest {

  @Test
  void showsWhereARequestWentAndWhy() {
    assertThat(DecisionText.render(Decisions.recorded(Decisions.degradedRoute())))
        .isEqualTo(
            """
            request    req-1
            time       1970-01-01T00:00:01Z
            model      llama -> tuned by rewrite canary
            fairness   alice, priority -1, objective premium
            decision   route to pod-1 ([fd00::2]:8000)
            took       50.0 us, 40.0 us of it scheduling; 2 candidates

            profile default (chose): 2 candidates
              filter role kept 1, dropped pod-0
               candidate  queue  running  kv cache     age      queue x2    sum
            *  pod-1          3        2     50.0%  0.4 us  0.25 (+0.50)  0.500
               pod-0          -        -         -       -             -      -
              * picked by max: the only candidate left

              step          plugin    took  missing because
              DataProducer  prefix  1.0 us  failed
            """);
  }

  @Test
  void showsWhyARequestWasRefused() {
    assertThat(
            DecisionText.render(
                Decisions.recorded(Decisions.reject(Reason.NO_CANDIDATE, Evidence.NONE))))
        .contains("decision   refused, no_candidate: a \"quoted\" detail\n");
  }

  @Test
  void namesCannotSteerTheTerminal() {
    assertThat(DecisionText.printable("a\u001b[31mb\u202ec\nd\u2028e\ud800f é"))
        .isEqualTo("a?[31mb?c?d?e?f é");
  }
}
