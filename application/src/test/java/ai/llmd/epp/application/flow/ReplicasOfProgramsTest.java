package ai.llmd.epp.application.flow;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.port.out.FlowObserver;
import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.flow.FlowFixture;
import ai.llmd.epp.domain.flow.FlowQueues;
import ai.llmd.epp.domain.flow.FlowSettings;
import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.flow.QueuedRequest;
import ai.llmd.epp.domain.flow.fairness.ProgramAwareFairness;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.routing.RoutedRequests;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Three replicas with program-aware fairness in front of one pool: each knows a little later what
 * the others have served.
 */
class ReplicasOfProgramsTest {

  private static final int REPLICAS = 3;
  private static final int SLOTS = 12;
  private static final long MILLI = 1_000_000;
  private static final Offset<Double> FIVE_PERCENT = Offset.offset(0.05);
  private static final RoutedRequest ANY = RoutedRequests.any();

  private record Message(long due, int from, Map<QueueKey, QueueLoad> loads) {}

  private record Running(long until, String program, ResponseObserver observer) {}

  private final Random random = new Random(17);
  private final Map<String, Long> served = new HashMap<>();
  private final Map<String, Integer> tokens = new HashMap<>();
  private final List<Replica> replicas = new ArrayList<>();
  private long now = 1;

  private final class Replica {
    final int number = replicas.size();
    final ProgramAwareFairness policy =
        new ProgramAwareFairness(ProgramAwareFairness.TYPE.defaults(), () -> now);
    final FlowSettings settings =
        new FlowFixture().fairness(policy).capacity(1 << 30, 1 << 30).bands(5, 0).build();
    final FlowQueues queues = new FlowQueues(settings, PluginCalls.timedBy(() -> 0));
    final FlowController sharing = // of it what replicas exchange alone
        new FlowController(
            new FlowRules(
                settings, new Named<>("full", "full", (candidates, nowNanos) -> 1), false, 0),
            new LivePool("p", List.of(), PluginFaults.IGNORED),
            PluginCalls.timedBy(() -> 0),
            FlowObserver.NONE,
            ThreadObserver.NONE,
            () -> now);
    final List<Running> running = new ArrayList<>();
    final Deque<Message> inbox = new ArrayDeque<>();

    void cycle(long lag) {
      while (!inbox.isEmpty() && inbox.peek().due() <= now) {
        Message next = inbox.remove();
        sharing.queuedElsewhere(next.from(), next.loads());
      }
      for (Running over : List.copyOf(running)) {
        if (over.until() <= now) {
          running.remove(over);
          int count = tokens.getOrDefault(over.program(), 0);
          over.observer().onEnd(summary(count));
          served.merge(over.program(), 3L * count, Long::sum);
          sharing.ended();
        }
      }
      for (QueuedRequest next = next(); next != null; next = next()) {
        long takes = (15 + random.nextInt(10)) * MILLI;
        running.add(new Running(now + takes, next.fairnessId(), begin(next.fairnessId())));
      }
      Map<QueueKey, QueueLoad> changed = sharing.takeChanged();
      for (Replica other : replicas) {
        if (other != this && !changed.isEmpty()) {
          other.inbox.add(new Message(now + lag, number, changed));
        }
      }
    }

    private @Nullable QueuedRequest next() {
      int inFlight = replicas.stream().mapToInt(replica -> replica.running.size()).sum();
      return queues.next((double) inFlight / SLOTS, now);
    }

    private ResponseObserver begin(String program) {
      var request = new InferenceRequest(ANY.request().received(), "m", 0, program);
      return Objects.requireNonNull(
          policy.onRouted(
              new RoutedRequest(
                  request,
                  new Facts(),
                  ANY.primaryProfile(),
                  ANY.primary(),
                  ANY.results(),
                  ANY.headers())));
    }
  }

  private static ResponseSummary summary(int tokens) {
    Usage usage = new Usage(tokens, tokens, 2L * tokens, -1);
    return new ResponseSummary(Termination.NATURAL, usage, false, 1, 0, 1, 2);
  }

  /**
   * For twelve seconds there is more to do than the pool can; the first two do not count.
   *
   * @param atFirst whether the small tenant comes by the first replica twice as often as by all
   *     others
   */
  private void overload(long lagMillis, boolean atFirst) {
    for (int i = 0; i < REPLICAS; i++) {
      replicas.add(new Replica());
    }
    for (int milli = 0; milli < 12_000; milli++) {
      now += MILLI;
      for (int i = 0; i < 4; i++) {
        ask("large", random.nextInt(REPLICAS));
      }
      ask("small", atFirst && random.nextInt(3) > 0 ? 0 : random.nextInt(REPLICAS));
      if (milli == 2_000) {
        served.clear();
      }
      int first = random.nextInt(REPLICAS);
      for (int i = 0; i < REPLICAS; i++) {
        replicas.get((first + i) % REPLICAS).cycle(lagMillis * MILLI);
      }
    }
  }

  private void ask(String program, int replica) {
    replicas.get(replica).queues.offer(FlowFixture.request(program, 0, 1), now);
  }

  private double share() {
    double small = served.getOrDefault("small", 0L);
    return small / (small + served.getOrDefault("large", 0L));
  }

  @ParameterizedTest
  @CsvSource({"1, 100", "5, 100", "20, 100", "1, 300", "5, 20", "20, 300"})
  void programsGetTheSameServiceWhateverTheirRequestsTake(long lagMillis, int tokensOfLarge) {
    tokens.put("small", 100);
    tokens.put("large", tokensOfLarge);
    overload(lagMillis, false);
    assertThat(share()).isCloseTo(0.5, FIVE_PERCENT);
  }

  @ParameterizedTest
  @CsvSource({"1", "5", "20"})
  void alsoWhenOneComesByOneReplicaMostly(long lagMillis) {
    tokens.put("small", 100);
    tokens.put("large", 100);
    overload(lagMillis, true);
    assertThat(share()).isCloseTo(0.5, FIVE_PERCENT);
  }

  /** What a replica alone has served is in no number of another one. */
  @Test
  void whatAReplicaServedIsAtThePeersUntilItIsGone() {
    for (int i = 0; i < 2; i++) {
      replicas.add(new Replica());
    }
    Replica first = replicas.get(0);
    Replica second = replicas.get(1);
    first.begin("a").onEnd(summary(100));
    first.sharing.ended();
    Map<QueueKey, QueueLoad> changed = first.sharing.takeChanged();

    assertThat(changed).containsOnlyKeys(new QueueKey(5, "a")); // of both bands the higher one
    assertThat(first.sharing.takeChanged()).isEmpty();
    assertThat(first.sharing.queued()).containsOnlyKeys(new QueueKey(5, "a"));
    second.sharing.queuedElsewhere(1, changed);
    second.begin("b").onEnd(summary(50));
    assertThat(order(second)).isEqualTo("ba");
    second.sharing.ended();
    assertThat(second.sharing.takeChanged()).as("no echo").containsOnlyKeys(new QueueKey(5, "b"));

    second.sharing.peerGone(1);
    assertThat(order(second)).isEqualTo("ab");
  }

  /** An objective brought the policy a higher band: it is known by that one from now on. */
  @Test
  void aPolicyMayBeKnownByAnotherBandThanBefore() {
    replicas.add(new Replica());
    Replica only = replicas.getFirst();
    QueueKey before = new QueueKey(0, "a");
    QueueKey after = new QueueKey(5, "a");
    only.begin("b").onEnd(summary(50));
    only.sharing.queuedElsewhere(1, Map.of(before, QueueLoad.served(300)));
    only.sharing.queuedElsewhere(
        1, Map.of(before, QueueLoad.NONE, after, QueueLoad.served(300))); // in any order
    assertThat(order(only)).isEqualTo("ba");
  }

  private String order(Replica replica) {
    replica.queues.offer(FlowFixture.request("a", 0, 1), now);
    replica.queues.offer(FlowFixture.request("b", 0, 1), now);
    StringBuilder order = new StringBuilder();
    for (int i = 0; i < 2; i++) {
      order.append(Objects.requireNonNull(replica.queues.next(0, now)).fairnessId());
    }
    return order.toString();
  }
}
