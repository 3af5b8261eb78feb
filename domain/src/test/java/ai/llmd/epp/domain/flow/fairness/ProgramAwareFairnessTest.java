package ai.llmd.epp.domain.flow.fairness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.flow.FlowFixture;
import ai.llmd.epp.domain.flow.FlowQueues;
import ai.llmd.epp.domain.flow.FlowTicket;
import ai.llmd.epp.domain.flow.QueuedRequest;
import ai.llmd.epp.domain.flow.fairness.ProgramAwareFairness.Figures;
import ai.llmd.epp.domain.flow.fairness.ProgramAwareFairness.Parameters;
import ai.llmd.epp.domain.flow.fairness.ProgramAwareFairness.Strategy;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.routing.RoutedRequests;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ProgramAwareFairnessTest {

  private static final long SECOND = 1_000_000_000L;
  private static final Parameters DEFAULTS = ProgramAwareFairness.TYPE.defaults();

  private long now = 1;
  private ProgramAwareFairness policy = policy(DEFAULTS);

  private ProgramAwareFairness policy(Parameters parameters) {
    return new ProgramAwareFairness(parameters, () -> now);
  }

  private ResponseObserver dispatched(String program, Facts facts) {
    RoutedRequest any = RoutedRequests.any();
    var request = new InferenceRequest(any.request().received(), "m", 0, program);
    return Objects.requireNonNull(
        policy.onRouted(
            new RoutedRequest(
                request,
                facts,
                any.primaryProfile(),
                any.primary(),
                any.results(),
                any.headers())));
  }

  private void served(String program, long prompt, long completion) {
    dispatched(program, new Facts())
        .onEnd(
            new ResponseSummary(
                Termination.NATURAL,
                new Usage(prompt, completion, prompt + completion, -1),
                false,
                1,
                0,
                1,
                2));
  }

  private FlowQueues queues() {
    return new FlowQueues(new FlowFixture().fairness(policy).build(), PluginCalls.timedBy(() -> 0));
  }

  private static String order(FlowQueues queues, long at) {
    StringBuilder flows = new StringBuilder();
    for (QueuedRequest next = queues.next(0, at); next != null; next = queues.next(0, at)) {
      flows.append(next.fairnessId());
    }
    return flows.toString();
  }

  private static void offer(FlowQueues queues, String flow, long at) {
    queues.offer(FlowFixture.request(flow, 0, 1), at);
  }

  @Test
  void theLeastServedIsFirst() {
    served("a", 100, 100);
    served("b", 0, 10);
    FlowQueues queues = queues();
    for (String flow : List.of("a", "b", "c")) {
      offer(queues, flow, 0);
    }
    assertThat(order(queues, SECOND)).isEqualTo("cba");
  }

  @Test
  void aLongWaitCountsAsWell() {
    policy = policy(new Parameters(Strategy.LAS, 0.2, 0.8, 60, 3600, 300));
    served("a", 100, 100);
    FlowQueues queues = queues();
    offer(queues, "a", 0);
    offer(queues, "b", SECOND);
    assertThat(order(queues, 2 * SECOND)).isEqualTo("ab");
  }

  @Test
  void serviceThatIsAccountedWhileAFlowWaitsCounts() {
    FlowQueues queues = queues();
    offer(queues, "a", 0);
    offer(queues, "b", 0);
    served("a", 1, 0);
    assertThat(order(queues, 0)).isEqualTo("ba");
    offer(queues, "a", 0);
    offer(queues, "b", 0);
    served("b", 2, 0);
    assertThat(order(queues, 0)).isEqualTo("ab");
  }

  @Test
  void serviceLosesHalfOfItsWeightInAHalfLife() {
    served("a", 100, 50);
    now += 60 * SECOND;
    served("a", 1, 0);
    assertThat(figures("a").service()).isCloseTo(101, within(1e-6));
    now += 120 * SECOND;
    assertThat(figures("a").service()).isCloseTo(25.25, within(1e-6));

    policy = policy(new Parameters(Strategy.LAS, 1, 1, 0, 0, 1));
    served("a", 100, 50);
    now += 6000 * SECOND;
    assertThat(figures("a").service()).isCloseTo(200, within(1e-6));
  }

  @Test
  void flowsKeepTheirOrderForThousandsOfHalfLives() {
    policy = policy(new Parameters(Strategy.LAS, 1, 0, 1, 0, 1));
    FlowQueues queues = queues();
    served("b", 1 << 20, 0);
    served("c", 2 << 20, 0);
    for (String flow : List.of("c", "b", "a")) {
      offer(queues, flow, 0);
    }
    for (int i = 0; i < 5; i++) {
      now += 1000 * SECOND;
      served("d", 4, 0);
      offer(queues, "d", 0);
      served("e", 8, 0);
      offer(queues, "e", 0);
    }
    assertThat(order(queues, 0)).startsWith("a").endsWith("ddddeeeee").hasSize(13);
  }

  private Figures figures(String program) {
    return policy.programs().stream()
        .filter(one -> one.program().equals(program))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void waitsOfItsOwnTurnsMakeUpTheIndex() {
    wait("a", 3 * SECOND, true);
    wait("a", SECOND, true);
    wait("b", 2 * SECOND, true);
    wait("c", 99 * SECOND, false);
    assertThat(figures("a").meanWaitMillis()).isEqualTo(2000);
    assertThat(figures("c").waits()).isZero();
    assertThat(ProgramAwareFairness.fairnessIndex(policy.programs())).isCloseTo(1, within(1e-9));
    wait("d", 0, true);
    assertThat(ProgramAwareFairness.fairnessIndex(policy.programs()))
        .isCloseTo(2.0 / 3, within(1e-9));
    assertThat(figures("a").inFlight()).isEqualTo(2);
  }

  private void wait(String program, long nanos, boolean isOurs) {
    Facts facts = new Facts();
    facts.put(FlowTicket.KEY, new FlowTicket(0, nanos, isOurs ? policy : policy(DEFAULTS)));
    dispatched(program, facts);
  }

  @Test
  void programsThatAreGoneAreForgotten() {
    served("a", 1, 1);
    dispatched("b", new Facts());
    now += 3601 * SECOND;
    served("c", 1, 1);
    assertThat(policy.programs()).extracting(Figures::program).containsExactlyInAnyOrder("b", "c");
  }

  /** By looking at all flows, as the definition has it. */
  @Test
  void picksAsTheDefinitionHasIt() {
    for (int seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      now = 1;
      policy =
          policy(new Parameters(Strategy.LAS, random.nextDouble(), random.nextDouble(), 60, 0, 1));
      Map<String, Double> service = new HashMap<>();
      Map<String, Long> waitingSince = new HashMap<>();
      FlowQueues queues = queues();
      int flows = 1 + random.nextInt(12);
      for (int i = 0; i < flows; i++) {
        waitingSince.put("flow-" + i, random.nextInt(50) * 1_000_000L);
      }
      List<Map.Entry<String, Long>> order = new ArrayList<>(waitingSince.entrySet());
      order.sort(Map.Entry.comparingByValue());
      order.forEach(flow -> offer(queues, flow.getKey(), flow.getValue()));
      for (int i = 0; i < 20; i++) {
        String program = "flow-" + random.nextInt(flows + 2);
        int tokens = random.nextInt(100);
        served(program, tokens, 0);
        service.merge(program, (double) tokens, Double::sum);
      }
      while (!queues.isEmpty()) {
        QueuedRequest next = Objects.requireNonNull(queues.next(0, 60_000_000L));
        double best =
            waitingSince.keySet().stream()
                .mapToDouble(flow -> score(flow, service, waitingSince))
                .max()
                .orElseThrow();
        assertThat(score(next.fairnessId(), service, waitingSince))
            .as("seed %d", seed)
            .isCloseTo(best, within(1e-9));
        waitingSince.remove(next.fairnessId());
      }
    }
  }

  private double score(String flow, Map<String, Double> service, Map<String, Long> waitingSince) {
    double[] services =
        waitingSince.keySet().stream().mapToDouble(f -> service.getOrDefault(f, 0.0)).toArray();
    double[] waits =
        waitingSince.values().stream().mapToDouble(ProgramAwareFairnessTest::waitMillis).toArray();
    return policy.weightOfService() * (1 - norm(service.getOrDefault(flow, 0.0), services))
        + policy.weightOfWait()
            * norm(waitMillis(Objects.requireNonNull(waitingSince.get(flow))), waits);
  }

  /** Whole ones, at instant 0. */
  private static double waitMillis(long sinceNanos) {
    long millis = -sinceNanos / 1_000_000;
    return (double) millis;
  }

  private static double norm(double value, double[] all) {
    double min = Arrays.stream(all).min().orElseThrow();
    double max = Arrays.stream(all).max().orElseThrow();
    return max == min ? 0.5 : (value - min) / (max - min);
  }

  private Map<String, Double> taken() {
    Map<String, Double> taken = new HashMap<>();
    policy.takeServed(taken::put);
    return taken;
  }

  private Map<String, Double> lately() {
    Map<String, Double> lately = new HashMap<>();
    policy.served(lately::put);
    return lately;
  }

  @Test
  void whatOtherReplicasServedCountsUntilTheyAreGone() {
    FlowQueues queues = queues();
    served("a", 100, 0);
    served("b", 10, 0);
    policy.servedElsewhere(1, "b", 60);
    policy.servedElsewhere(2, "b", 60);
    offer(queues, "a", 0);
    offer(queues, "b", 0);
    assertThat(order(queues, SECOND)).isEqualTo("ab"); // 100 and 130

    offer(queues, "a", 0);
    offer(queues, "b", 0);
    policy.servedElsewhere(1, "b", 70); // absolute: 140
    policy.replicaGone(2); // 80
    assertThat(order(queues, SECOND)).isEqualTo("ba");

    offer(queues, "a", 0);
    offer(queues, "b", 0);
    policy.servedElsewhere(2, "b", 60); // it is back, and sends all of it anew: 140
    policy.servedElsewhere(1, "b", 0); // 70
    assertThat(order(queues, SECOND)).isEqualTo("ba");
  }

  @Test
  void serviceElsewhereLosesItsWeightAsServiceHereDoes() {
    policy.servedElsewhere(1, "a", 100);
    now += 60 * SECOND; // half of it is left
    served("b", 60, 0);
    FlowQueues queues = queues();
    offer(queues, "a", 0);
    offer(queues, "b", 0);
    assertThat(order(queues, SECOND)).isEqualTo("ab");
  }

  @Test
  void othersGetToKnowWhatWasServedHereAndNotWhatTheyServed() {
    served("a", 100, 50);
    policy.servedElsewhere(1, "b", 500);
    policy.servedElsewhere(1, "a", 500);
    assertThat(taken()).as("all at first").hasSize(1).hasEntrySatisfying("a", near(200));
    assertThat(taken()).as("no news").isEmpty();
    served("c", 7, 0);
    now += 60 * SECOND;
    assertThat(taken()).hasSize(1).hasEntrySatisfying("c", near(3.5));
    assertThat(lately())
        .hasSize(2)
        .hasEntrySatisfying("a", near(100))
        .hasEntrySatisfying("c", near(3.5));
    now += 120 * SECOND;
    assertThat(lately()).as("less than a token is nothing").containsOnlyKeys("a");
  }

  private static Consumer<Double> near(double tokens) {
    return service -> assertThat(service).isCloseTo(tokens, within(1e-6));
  }

  @Test
  void othersGetToKnowTheProgramsThatWereServedLast() {
    taken();
    for (int i = 0; i < 3 * ServedLately.MAX; i++) {
      served("p" + i, 10, 0);
      if (i % 100 == 99) {
        taken();
      }
    }
    assertThat(lately())
        .hasSize(ServedLately.MAX)
        .containsKeys("p" + (2 * ServedLately.MAX), "p" + (3 * ServedLately.MAX - 1));
    for (int i = 0; i < 3 * ServedLately.MAX; i++) {
      served("p" + i, 10, 0);
    }
    assertThat(taken()).as("at once").hasSize(ServedLately.MAX);
  }

  @Test
  void aProgramThatWasElsewhereOnlyIsNotAmongThoseOfThisReplica() {
    policy.servedElsewhere(1, "a", 500);
    assertThat(policy.programs()).isEmpty();
    served("a", 10, 0);
    assertThat(policy.programs()).extracting(Figures::service).first().satisfies(near(10));
  }

  /** Replicas that tell each other of a program do not keep it alive. */
  @Test
  void aProgramThatIsServedElsewhereOnlyIsForgottenAsOthersAre() {
    policy = policy(new Parameters(Strategy.LAS, 0.8, 0.2, 0, 10, 1));
    served("a", 10, 0);
    taken();
    for (int i = 0; i < 20; i++) {
      now += SECOND;
      policy.servedElsewhere(1, "a", 10);
      served("b", 1, 0); // sweeps
    }
    assertThat(taken()).containsOnlyKeys("b");
    assertThat(lately()).containsOnlyKeys("b");
    assertThat(policy.programs()).extracting(Figures::program).containsExactly("b");
  }

  @Test
  void refusesValuesOutsideTheirRanges() {
    assertThatThrownBy(() -> new Parameters(Strategy.LAS, -1, 0, 0, 0, 1))
        .hasMessage("lasWeightService must be 0 or more, was -1.0");
    assertThatThrownBy(() -> new Parameters(Strategy.LAS, 0, 0, 0, 0, 0))
        .hasMessage("evictionSweepSeconds must be above 0, was 0.0");
  }
}
