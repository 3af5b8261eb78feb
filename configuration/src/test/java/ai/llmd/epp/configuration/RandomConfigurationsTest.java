package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.domain.scheduling.Scheduler;
import ai.llmd.epp.domain.scheduling.Scheduler.Verdict;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever the operator combines and the model servers report, requests are routed. */
class RandomConfigurationsTest {

  private static final int CONFIGURATIONS = 2000;
  private static final int REQUESTS = 4;

  @Test
  void everyPickIsACandidateAndChanceAloneMayChangeIt() {
    int scheduled = 0;
    for (int seed = 0; seed < CONFIGURATIONS; seed++) {
      RandomConfiguration drawn = RandomConfiguration.of(new Random(seed));
      try {
        List<Verdict> once = play(drawn, seed);
        assertThat(picks(play(drawn, seed))).isEqualTo(picks(once));
        scheduled += (int) once.stream().filter(Verdict.Scheduled.class::isInstance).count();
      } catch (AssertionError | Exception e) {
        throw new AssertionError("seed " + seed + ":\n" + drawn.text(), e);
      }
    }
    assertThat(scheduled).isGreaterThan(CONFIGURATIONS * REQUESTS / 2);
  }

  /** Routes some requests, one after another, by plugins that have just been built. */
  private static List<Verdict> play(RandomConfiguration drawn, int seed)
      throws InvalidDocumentException {
    EffectiveConfiguration loaded =
        Loading.load(drawn.text(), true, Loading.services(drawn.obliged()));
    List<Plugin> plugins = loaded.plugins().stream().<Plugin>map(Named::plugin).toList();
    Scheduler scheduler =
        new Scheduler(
            loaded.scheduling().profiles(),
            loaded.scheduling().profileHandler(),
            PluginCalls.timedBy(() -> 0));
    Random random = new Random(seed);
    List<Verdict> verdicts = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      SchedulingCycle cycle = RandomRequest.to(plugins, random);
      Verdict verdict = scheduler.schedule(cycle);
      verdicts.add(verdict);
      if (verdict instanceof Verdict.Scheduled scheduled) {
        assertThat(scheduled.primary().picks())
            .isNotEmpty()
            .doesNotHaveDuplicates()
            .isSubsetOf(cycle.candidates());
        follow(loaded, cycle, scheduled);
      }
    }
    return verdicts;
  }

  private static void follow(
      EffectiveConfiguration loaded, SchedulingCycle cycle, Verdict.Scheduled scheduled) {
    var routed =
        new RoutedRequest(
            cycle.request(),
            cycle.facts(),
            scheduled.primaryProfile(),
            scheduled.primary(),
            scheduled.results(),
            new HeaderChanges());
    for (Named<PreRequest> plugin : loaded.stages().preRequests()) {
      ResponseObserver observer = plugin.plugin().onRouted(routed);
      if (observer != null) {
        observer.onEnd(new ResponseSummary(Termination.NATURAL, Usage.NONE, false, 0, 0, -1, 0));
      }
    }
  }

  /** Identities of the picks, or what went wrong. */
  private static List<String> picks(List<Verdict> verdicts) {
    List<String> picks = new ArrayList<>();
    for (Verdict verdict : verdicts) {
      if (verdict instanceof Verdict.Scheduled scheduled) {
        for (Candidate pick : scheduled.primary().picks()) {
          picks.add(pick.endpoint().id().toString());
        }
      } else {
        picks.add(verdict.getClass().getSimpleName());
      }
    }
    return picks;
  }
}
