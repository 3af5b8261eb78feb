package ai.llmd.epp.application.flow;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.flow.FlowFixture;
import ai.llmd.epp.domain.flow.FlowQueues;
import ai.llmd.epp.domain.flow.FlowQueues.Offer;
import ai.llmd.epp.domain.flow.FlowSettings;
import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.flow.QueuedRequest;
import ai.llmd.epp.domain.flow.fairness.RoundRobinFairness;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Three replicas in front of one pool: each has queues of its own, and knows a little later what
 * the others have queued and in flight.
 */
class ReplicasOfQueuesTest {

  private static final int REPLICAS = 3;
  private static final long MILLI = 1_000_000;
  private static final Offset<Double> FIVE_PERCENT = Offset.offset(0.05);

  private record Message(long due, int from, int inFlight, Map<QueueKey, QueueLoad> loads) {}

  private record Running(long until, QueuedRequest request) {}

  private static final class Replica {
    final FlowQueues queues;
    final PeerQueues peers = new PeerQueues();
    final Map<Integer, Integer> inFlightElsewhere = new HashMap<>();
    final List<Running> running = new ArrayList<>();
    final Deque<Message> received = new ArrayDeque<>();

    Replica(FlowSettings settings) {
      queues = new FlowQueues(settings, PluginCalls.timedBy(() -> 0));
      queues.share();
    }

    int inFlight() {
      return running.size() + inFlightElsewhere.values().stream().mapToInt(Integer::intValue).sum();
    }

    void receive(long now) {
      for (Message next = received.peek();
          next != null && next.due() <= now;
          next = received.peek()) {
        received.remove();
        inFlightElsewhere.put(next.from(), next.inFlight());
        peers.put(next.from(), next.loads(), now);
        next.loads().keySet().stream()
            .filter(key -> !key.isBand())
            .forEach(key -> queues.queuedElsewhere(key, peers.flow(key, now), now));
        queues.queuedElsewhere(peers.bands(now), now);
      }
    }
  }

  /** The pool, its replicas, and time. */
  private static final class Simulation {
    final List<Replica> replicas = new ArrayList<>();
    final Map<String, Integer> served = new HashMap<>();
    final Random random;
    final int slots;
    final long serviceNanos;
    final long lag;
    long now;
    long refused;
    long busy;

    Simulation(FlowSettings settings, int slots, long serviceNanos, long lag, long seed) {
      for (int i = 0; i < REPLICAS; i++) {
        replicas.add(new Replica(settings));
      }
      this.slots = slots;
      this.serviceNanos = serviceNanos;
      this.lag = lag;
      this.random = new Random(seed);
    }

    void ask(String tenant, int replica) {
      Offer offer = replicas.get(replica).queues.offer(FlowFixture.request(tenant, 0, 1), now);
      refused += offer == Offer.FULL ? 1 : 0;
    }

    /** A millisecond passes; the requests that have ended. */
    List<QueuedRequest> step() {
      now += MILLI;
      List<QueuedRequest> ended = new ArrayList<>();
      for (Replica replica : replicas) {
        replica.receive(now);
        replica.running.removeIf(running -> running.until() <= now && ended.add(running.request()));
      }
      int first = random.nextInt(REPLICAS);
      for (int i = 0; i < REPLICAS; i++) {
        cycle((first + i) % REPLICAS);
      }
      busy += replicas.stream().mapToInt(replica -> replica.running.size()).sum();
      return ended;
    }

    private void cycle(int number) {
      Replica replica = replicas.get(number);
      QueuedRequest next = next(replica);
      while (next != null) {
        served.merge(next.fairnessId(), 1, Integer::sum);
        long jitter = random.nextLong(serviceNanos / 2);
        replica.running.add(new Running(now + serviceNanos * 3 / 4 + jitter, next));
        next = next(replica);
      }
      Map<QueueKey, QueueLoad> changed = new HashMap<>();
      replica.queues.takeChanged(now, changed::put);
      for (Replica other : replicas) {
        if (other != replica) {
          other.received.add(new Message(now + lag, number, replica.running.size(), changed));
        }
      }
    }

    private @Nullable QueuedRequest next(Replica replica) {
      return replica.queues.next((double) replica.inFlight() / slots, now);
    }

    double share(String tenant) {
      double all = served.values().stream().mapToInt(Integer::intValue).sum();
      return served.getOrDefault(tenant, 0) / all;
    }
  }

  private static FlowFixture byTurns() {
    return new FlowFixture().fairness(new RoundRobinFairness());
  }

  /** Both offer more than half of what the pool serves, and one of them ten times as much. */
  private static Simulation overloaded(int lagMillis, IntUnaryOperator replicaOfSmall) {
    var simulation =
        new Simulation(
            byTurns().capacity(1 << 30, 1 << 30).build(), 20, 20 * MILLI, lagMillis * MILLI, 7);
    for (int milli = 0; milli < 8_000; milli++) {
      for (int i = 0; i < 6; i++) {
        simulation.ask("large", simulation.random.nextInt(REPLICAS));
      }
      if (milli % 5 < 3) {
        simulation.ask("small", replicaOfSmall.applyAsInt(simulation.random.nextInt(REPLICAS)));
      }
      if (milli == 2_000) {
        simulation.served.clear(); // what was served before the queues were full does not count
        simulation.busy = 0;
      }
      simulation.step();
    }
    return simulation;
  }

  @ParameterizedTest
  @CsvSource({"1", "5", "20"})
  void tenantsThatComeByAllReplicasGetHalfEach(int lagMillis) {
    Simulation simulation = overloaded(lagMillis, replica -> replica);
    assertThat(simulation.share("small")).isCloseTo(0.5, FIVE_PERCENT);
    assertThat(simulation.busy / 6_000.0).as("of 20 slots").isGreaterThan(18);
  }

  @ParameterizedTest
  @CsvSource({"1", "5", "20"})
  void aTenantThatComesByOneReplicaOnlyGetsHalf(int lagMillis) {
    Simulation simulation = overloaded(lagMillis, replica -> 0);
    assertThat(simulation.share("small")).isCloseTo(0.5, FIVE_PERCENT);
    assertThat(simulation.busy / 6_000.0).as("of 20 slots").isGreaterThan(18);
  }

  /** Queues are so short that each is often empty in some replica. */
  @ParameterizedTest
  @CsvSource({"1", "5"})
  void tenantsOfFewClientsGetHalfEach(int lagMillis) {
    var simulation = new Simulation(byTurns().build(), 6, 20 * MILLI, lagMillis * MILLI, 3);
    for (int i = 0; i < 88; i++) {
      simulation.ask(i < 8 ? "small" : "large", simulation.random.nextInt(REPLICAS));
    }
    for (int milli = 0; milli < 20_000; milli++) {
      for (QueuedRequest ended : simulation.step()) {
        simulation.ask(ended.fairnessId(), simulation.random.nextInt(REPLICAS));
      }
    }
    assertThat(simulation.share("small")).isCloseTo(0.5, FIVE_PERCENT);
  }

  @Test
  void aReplicaThatHangsHoldsTheOthersUpForAMomentOnly() {
    var simulation = new Simulation(byTurns().build(), 10, 10 * MILLI, MILLI, 5);
    for (Replica living : simulation.replicas) { // a fourth one has requests, and gives no turn
      living.queues.queuedElsewhere(new QueueKey(0, "stuck"), new QueueLoad(5, 5), simulation.now);
    }
    for (int milli = 0; milli < 5_000; milli++) {
      simulation.ask("large", milli % REPLICAS);
      simulation.step();
    }
    assertThat(simulation.served.getOrDefault("large", 0)).isGreaterThan(4_500);
  }

  /** What comes in during one exchange may be too much, and no more. */
  @Test
  void globalLimitsHoldForAllReplicasTogether() {
    FlowSettings limited = byTurns().capacity(1 << 30, 1 << 30).global(1_000, 0).build();
    var simulation = new Simulation(limited, 10, 20 * MILLI, 2 * MILLI, 11);
    long most = 0;
    for (int milli = 0; milli < 3_000; milli++) {
      for (int i = 0; i < 5; i++) {
        simulation.ask("large", simulation.random.nextInt(REPLICAS));
      }
      simulation.step();
      long queued = simulation.replicas.stream().mapToLong(r -> r.queues.requests()).sum();
      most = Math.max(most, queued);
    }
    assertThat(simulation.refused).isPositive();
    assertThat(most).isBetween(950L, 1_050L);
  }
}
