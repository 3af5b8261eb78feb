package ai.llmd.epp.replication;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.flow.QueueKey;
import ai.llmd.epp.domain.flow.QueueLoad;
import ai.llmd.epp.domain.health.Claim;
import ai.llmd.epp.domain.health.Claim.Finding;
import ai.llmd.epp.domain.latency.LatencyRow;
import ai.llmd.epp.domain.latency.StampedObservation;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.state.BindingStamp;
import ai.llmd.epp.domain.state.BoundSession;
import ai.llmd.epp.domain.state.SessionKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Two to five replicas act and receive in thousands of random orders: their batches are delayed,
 * reordered, duplicated and lost, endpoints go and come back, some forget. Afterwards all agree,
 * and with a plain model that knows everything at once. The seed of a failure is in its message;
 * {@code -Dreplication.seed=N} plays one alone.
 */
class ConvergenceTest {

  private static final int SEEDS = 4_000;
  private static final int STEPS = 120;

  /** A band, a flow by its turns, one by what it was served, and both. */
  private static final List<QueueKey> QUEUES =
      List.of(
          QueueKey.ofBand(0),
          new QueueKey(0, "a"),
          new QueueKey(7, "b"),
          new QueueKey(7, "größer"));

  @Test
  void allReplicasComeToAgreeWithASimpleModel() throws Exception {
    Long only = Long.getLong("replication.seed");
    for (long seed = only == null ? 0 : only; seed < SEEDS; seed++) {
      new World(seed).play();
      if (only != null) {
        return;
      }
    }
  }

  /** A block of an endpoint's life. */
  private record Fact(EndpointId endpoint, long generation, long block) {}

  /** A request of which it is not known yet whether it arrives. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Sent(SimulatedReplica replica, Fact last, long[] chain, long[] learned) {

    Fact fact(int index) {
      return new Fact(last.endpoint(), last.generation(), chain[index]);
    }
  }

  private static final class World {

    private final String seed;
    private final Random random;
    private final Random queueing; // of its own, so that a seed's other steps stay what they were
    private final Random observing; // the same
    private final AtomicLong now = new AtomicLong(1_000_000_000L);
    private final List<SimulatedReplica> replicas = new ArrayList<>();
    private final List<EndpointId> endpoints = new ArrayList<>();
    private final List<byte[]> everSent = new ArrayList<>();
    private final List<LoadLedger.Entry> open = new ArrayList<>();
    private final boolean forgets;
    private final boolean losesRequests;
    private final List<Sent> sent = new ArrayList<>();

    // the model
    private final Set<Fact> recorded = new HashSet<>();
    private final Map<Fact, Integer> arrived = new HashMap<>();
    private final Map<SessionKey, BoundSession> bound = new HashMap<>();
    private int observed;
    private final Set<EndpointId> forgotten = new HashSet<>();

    World(long seed) {
      this.seed = "replication.seed=" + seed;
      this.random = new Random(seed);
      this.queueing = new Random(~seed);
      this.observing = new Random(31 * seed);
      this.forgets = random.nextInt(4) == 0;
      this.losesRequests = random.nextInt(3) == 0;
      int count = 2 + random.nextInt(4);
      for (int i = 0; i < 1 + random.nextInt(4); i++) {
        endpoints.add(new EndpointId("ns", "e" + i));
      }
      for (int i = 0; i < count; i++) {
        var replica = new SimulatedReplica(i + 1, now);
        endpoints.forEach(replica::add);
        replicas.add(replica);
      }
    }

    void play() throws Exception {
      for (int step = 0; step < STEPS; step++) {
        now.addAndGet(random.nextInt(20_000_000));
        act();
        queueOrServe();
        observe();
      }
      bringEndpointsBack();
      resynchronise();
      repeatEverything();
      judge();
    }

    private void act() throws Exception {
      SimulatedReplica replica = any(replicas);
      EndpointId endpoint = any(endpoints);
      switch (random.nextInt(losesRequests ? 16 : 13)) {
        case 0, 1, 2 -> route(replica, endpoint);
        case 3 -> bind(replica, endpoint);
        case 4 -> work(replica, endpoint);
        case 5, 6 -> send(replica);
        case 7, 8 -> receive(replica);
        case 9 -> {
          if (!everSent.isEmpty()) {
            replica.inbox.add(any(everSent)); // a duplicate, perhaps of long ago
          }
        }
        case 10 -> changePool(replica, endpoint);
        case 11 -> find(replica, endpoint);
        case 13, 14 -> loseRequest();
        case 15 -> unbind(replica, endpoint);
        default -> {
          if (forgets) {
            replica.evict(endpoint);
          } else if (random.nextInt(8) == 0) {
            any(replicas).snapshot().forEach(replica::receive);
          }
        }
      }
    }

    private void route(SimulatedReplica replica, EndpointId endpoint) {
      if (!replica.has(endpoint)) {
        return;
      }
      long family = 1L + random.nextInt(3);
      long[] chain = new long[1 + random.nextInt(12)];
      for (int i = 0; i < chain.length; i++) {
        chain[i] = family * 1_000 + i;
        recorded.add(new Fact(endpoint, replica.generation(endpoint), chain[i]));
      }
      Fact last = new Fact(endpoint, replica.generation(endpoint), chain[chain.length - 1]);
      var request = new Sent(replica, last, chain, replica.route(endpoint, chain));
      sent.add(request);
      for (int i = 0; i < chain.length; i++) {
        arrived.merge(request.fact(i), 1, Integer::sum);
      }
    }

    /** It never arrived; the endpoint is still there. */
    private void loseRequest() {
      if (sent.isEmpty()) {
        return;
      }
      Sent lost = sent.remove(random.nextInt(sent.size()));
      EndpointId endpoint = lost.last().endpoint();
      if (lost.replica().has(endpoint)
          && lost.replica().generation(endpoint) == lost.last().generation()) {
        lost.replica().takeBack(endpoint, lost.learned());
        for (int i = 0; i < lost.chain().length; i++) {
          arrived.merge(lost.fact(i), -1, Integer::sum);
        }
      }
    }

    private void queueOrServe() {
      if (queueing.nextInt(4) == 0) {
        SimulatedReplica replica = replicas.get(queueing.nextInt(replicas.size()));
        QueueKey key = QUEUES.get(queueing.nextInt(QUEUES.size()));
        double served = key.priority() == 0 ? 0 : queueing.nextInt(3) * 1_000.5;
        QueueLoad load = new QueueLoad(queueing.nextInt(3), 0, queueing.nextInt(2) * 2.5, served);
        replica.queues.queue(key, load.isIdle() ? QueueLoad.NONE : load);
      }
    }

    /** A request took a time that no other took. */
    private void observe() {
      SimulatedReplica replica = replicas.get(observing.nextInt(replicas.size()));
      EndpointId endpoint = endpoints.get(observing.nextInt(endpoints.size()));
      if (observing.nextInt(4) == 0 && replica.has(endpoint)) {
        LatencyRow row = new LatencyRow(0.5, 100, 0, 1, 1, 0, 0, 0, "", 100);
        if (observing.nextBoolean()) {
          replica.latencies.learnTtft(endpoint, row, ++observed);
        } else {
          replica.latencies.learnTpot(endpoint, row, ++observed);
        }
      }
    }

    private void unbind(SimulatedReplica replica, EndpointId endpoint) {
      String session = "s" + random.nextInt(5);
      SessionKey key = SessionKey.of(session, 0);
      replica.state.sessions(SimulatedReplica.SESSIONS).unbind(session, endpoint);
      BoundSession here = replica.sessions().get(key);
      if (here != null) {
        bound.merge(key, here, ConvergenceTest::later);
      }
    }

    private void bind(SimulatedReplica replica, EndpointId endpoint) {
      String session = "s" + random.nextInt(5);
      replica.state.sessions(SimulatedReplica.SESSIONS).bind(session, endpoint, now.get());
      SessionKey key = SessionKey.of(session, 0);
      BoundSession here = replica.sessions().get(key);
      bound.merge(key, here, ConvergenceTest::later);
    }

    private void work(SimulatedReplica replica, EndpointId endpoint) {
      if (!open.isEmpty() && random.nextBoolean()) {
        open.remove(random.nextInt(open.size())).release();
      } else if (replica.has(endpoint)) {
        open.add(replica.open(endpoint, 1 + random.nextInt(3), random.nextInt(1_000)));
      }
    }

    private void find(SimulatedReplica replica, EndpointId endpoint) {
      if (replica.has(endpoint)) {
        Finding[] findings = Finding.values();
        Finding finding = findings[random.nextInt(findings.length)];
        replica.claims.hold(endpoint, new Claim(finding, now.get()));
      }
    }

    /** A batch reaches each peer, or not, in some order. */
    private void send(SimulatedReplica replica) {
      if (random.nextInt(4) == 0) {
        replica.loads.announceAll();
      } else {
        replica.loads.announceChanges();
      }
      for (byte[] batch : replica.takeBatches()) {
        everSent.add(batch);
        for (SimulatedReplica other : replicas) {
          if (random.nextInt(10) > 0) {
            other.inbox.add(batch);
          }
        }
      }
    }

    private void receive(SimulatedReplica replica) {
      List<byte[]> inbox = replica.inbox;
      if (random.nextInt(4) == 0) {
        Collections.shuffle(inbox, random);
      }
      for (int i = random.nextInt(5); i > 0 && !inbox.isEmpty(); i--) {
        replica.receive(inbox.removeFirst());
      }
    }

    private void changePool(SimulatedReplica replica, EndpointId endpoint) {
      if (!replica.has(endpoint)) {
        replica.add(endpoint);
      } else if (random.nextInt(3) == 0) {
        long before = replica.generation(endpoint);
        replica.remove(endpoint);
        if (replica.generation(endpoint) == before) {
          forgotten.add(
              endpoint); // a removal that a peer had announced: what it learned since is gone here
        }
      }
    }

    private void bringEndpointsBack() {
      for (SimulatedReplica replica : replicas) {
        for (EndpointId endpoint : endpoints) {
          if (!replica.has(endpoint)) {
            replica.add(endpoint);
          }
        }
      }
    }

    /**
     * All receive each other's snapshot and latest batches, twice, so that everything gets round.
     */
    private void resynchronise() throws Exception {
      for (int round = 0; round < 2; round++) {
        List<byte[]> all = new ArrayList<>();
        for (SimulatedReplica replica : replicas) {
          replica.loads.announceAll();
          replica.takeBatches().forEach(all::add);
          all.addAll(replica.snapshot());
        }
        replicas.forEach(replica -> all.forEach(replica::receive));
      }
    }

    /** Old batches come once more, in any order: that must change nothing. */
    private void repeatEverything() {
      Collections.shuffle(everSent, random);
      replicas.forEach(replica -> everSent.forEach(replica::receive));
    }

    private void judge() {
      for (EndpointId endpoint : endpoints) {
        SimulatedReplica first = replicas.getFirst();
        long generation = first.generation(endpoint);
        Set<Long> model = new HashSet<>();
        for (Fact fact : recorded) {
          if (fact.endpoint().equals(endpoint) && fact.generation() == generation) {
            model.add(fact.block());
          }
        }
        long inFlight = replicas.stream().mapToLong(r -> r.ownRequests(endpoint)).sum();
        for (SimulatedReplica replica : replicas) {
          assertThat(replica.generation(endpoint)).as(seed).isEqualTo(generation);
          assertThat(replica.blocks(endpoint)).as(seed).isEqualTo(first.blocks(endpoint));
          assertThat(replica.requests(endpoint)).as(seed).isEqualTo(inFlight);
        }
        if (forgets || forgotten.contains(endpoint)) {
          assertThat(model).as(seed).containsAll(first.blocks(endpoint));
        } else if (losesRequests) { // nothing that arrived is lost, and nothing is made up
          assertThat(first.blocks(endpoint)).as(seed).isSubsetOf(model);
          assertThat(first.blocks(endpoint)).as(seed).containsAll(arrived(endpoint, generation));
        } else {
          assertThat(first.blocks(endpoint)).as(seed).isEqualTo(model);
        }
      }
      replicas.forEach(this::judgeClaims);
      replicas.forEach(this::judgeQueues);
      replicas.forEach(this::judgeObservations);
      replicas.forEach(replica -> assertThat(replica.sessions()).as(seed).isEqualTo(bound));
    }

    private Set<Long> arrived(EndpointId endpoint, long generation) {
      Set<Long> blocks = new HashSet<>();
      arrived.forEach(
          (fact, requests) -> {
            if (fact.endpoint().equals(endpoint)
                && fact.generation() == generation
                && requests > 0) {
              blocks.add(fact.block());
            }
          });
      return blocks;
    }

    /** Everyone knows what everyone else holds against each endpoint. */
    private void judgeClaims(SimulatedReplica replica) {
      for (SimulatedReplica peer : replicas) {
        for (EndpointId endpoint : endpoints) {
          Claim own = peer.claims.own(endpoint);
          Claim expected = peer == replica || own.finding() == Finding.NONE ? Claim.NONE : own;
          assertThat(replica.claims.of(peer.writer, endpoint)).as(seed).isEqualTo(expected);
        }
      }
    }

    /** Everyone knows what everyone else has queued, and has served. */
    private void judgeQueues(SimulatedReplica replica) {
      for (SimulatedReplica peer : replicas) {
        for (QueueKey key : QUEUES) {
          QueueLoad expected = peer == replica ? QueueLoad.NONE : peer.queues.own(key);
          assertThat(replica.queues.of(peer.writer, key)).as(seed).isEqualTo(expected);
        }
      }
    }

    /** It has learned nothing twice, and the newest of what each other one knows of its own. */
    private void judgeObservations(SimulatedReplica replica) {
      for (EndpointId endpoint : endpoints) {
        List<StampedObservation> learned = replica.latencies.recent(endpoint);
        assertThat(learned).as(seed).doesNotHaveDuplicates();
        for (SimulatedReplica peer : replicas) {
          peer.latencies.recent(endpoint).stream()
              .filter(observation -> observation.writer() == peer.writer)
              .max(Comparator.comparingLong(StampedObservation::number))
              .ifPresent(
                  newest ->
                      assertThat(learned)
                          .as(seed)
                          .anyMatch(
                              known ->
                                  known.writer() == newest.writer()
                                      && known.number() == newest.number()));
        }
      }
    }

    private <T> T any(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }
  }

  private static BoundSession later(BoundSession one, BoundSession other) {
    BindingStamp stamp = one.stamp();
    return stamp.compareTo(other.stamp()) >= 0 ? one : other;
  }
}
