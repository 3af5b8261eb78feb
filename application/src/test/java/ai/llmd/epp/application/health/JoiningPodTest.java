package ai.llmd.epp.application.health;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.health.SlowStart;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.FakeResponseHead;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A pod joins a loaded pool of 8 whose requests go to the least loaded pod as of the last report, a
 * second ago, or to the one that holds their conversation.
 */
class JoiningPodTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final int PODS = 8;
  private static final ResponseSummary SERVED =
      new ResponseSummary(Termination.NATURAL, Usage.NONE, false, 0, 0, 0, 0);
  private static final ResponseHead OK = FakeResponseHead.of(Map.of(":status", "200"));

  private record Running(
      long endsAt, String pod, ResponseObserver observer, LoadLedger.Entry booked) {}

  /** A minute of traffic in virtual time. */
  private static final class World {
    final Random random = new Random(7);
    final LivePool pool = new LivePool("p", List.of(), PluginFaults.IGNORED);
    final Map<String, Integer> inFlight = new HashMap<>();
    final PriorityQueue<Running> running =
        new PriorityQueue<>(Comparator.comparingLong(Running::endsAt));
    final Map<Integer, Set<String>> holders = new HashMap<>();
    final List<CandidateHealth> replicas = new ArrayList<>();
    final List<LoadLedger> ledgers = new ArrayList<>();
    Map<String, Integer> reported = new HashMap<>();
    long now = -5 * SECOND;
    long reportedAt;
    int conversations;
    int followUps;
    int hits;
    long sharedAt;
    double worst; // in flight at the newcomer, as a multiple of the mean
    int atNewcomer;

    World(boolean startsSlowly) {
      this(startsSlowly ? 1 : 0, false);
    }

    /**
     * @param replicas each with an equal part of the traffic; 0 for one that starts nothing slowly
     * @param isShared whether replicas know what the others have in flight
     */
    World(int replicas, boolean isShared) {
      List<PoolHealth> real = new ArrayList<>();
      for (int i = 0; i < replicas; i++) {
        LoadLedger ledger = new LoadLedger();
        ledgers.add(ledger);
        real.add(
            new PoolHealth(
                () -> now,
                endpoint -> {},
                () -> {},
                endpoint ->
                    isShared ? ledger.peerRequests(endpoint.slot(), endpoint.incarnation()) : 0));
      }
      pool.observe(List.copyOf(real));
      this.replicas.addAll(real);
      if (replicas == 0) {
        this.replicas.add(CandidateHealth.NONE);
        ledgers.add(new LoadLedger());
      }
    }

    CandidateHealth health() {
      return replicas.getFirst();
    }

    /** Each learns what the others have in flight, a fiftieth of a second later. */
    private void share() {
      for (int slot = 0; slot < pool.current().size(); slot++) {
        EndpointState member = pool.current().member(slot);
        long all = 0;
        for (LoadLedger ledger : ledgers) {
          all += ledger.ownRequests(slot);
        }
        for (LoadLedger ledger : ledgers) {
          ledger.putRemote(slot, member.incarnation(), all - ledger.ownRequests(slot), 0);
        }
      }
      sharedAt = now;
    }

    void pods(int count) {
      List<Endpoint> pods = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        pods.add(Endpoint.of(new EndpointId("ns", "pod-" + i), "192.0.2." + i, 80, Map.of()));
      }
      pool.keep(pods);
    }

    /** 80 requests a second of a second each: ten on each pod. */
    void runUntil(long end) {
      while (now < end) {
        now += (long) (-Math.log(1 - random.nextDouble()) * SECOND / 80);
        while (!running.isEmpty() && running.peek().endsAt() <= now) {
          end(running.poll());
        }
        if (now - reportedAt >= SECOND) {
          reported = new HashMap<>(inFlight);
          reportedAt = now;
        }
        if (now - sharedAt >= SECOND / 50) {
          share();
        }
        send();
      }
    }

    private void end(Running request) {
      request.observer().onEnd(SERVED);
      request.booked().release();
      inFlight.merge(request.pod(), -1, Integer::sum);
      judge();
    }

    private void send() {
      boolean isNew = conversations < 200 || random.nextInt(3) == 0;
      int conversation = isNew ? conversations++ : conversations - 1 - random.nextInt(200);
      Set<String> held = holders.computeIfAbsent(conversation, c -> new HashSet<>());
      int replica = random.nextInt(replicas.size());
      CandidateHealth health = replicas.get(replica);
      Candidates eligible = health.eligible(pool.current().candidates(), now);
      Candidate pick = best(eligible, held);
      String pod = pick.endpoint().id().name();
      if (!isNew && !pod.equals("pod-" + PODS)) {
        followUps++;
        hits += held.contains(pod) ? 1 : 0;
      }
      held.add(pod);
      ResponseObserver observer = health.picked(pick, now);
      if (observer == null) {
        observer = new ResponseObserver() {};
      }
      observer.onHeaders(OK);
      inFlight.merge(pod, 1, Integer::sum);
      atNewcomer += pod.equals("pod-" + PODS) ? 1 : 0;
      long nanos = (long) ((0.5 + random.nextDouble()) * SECOND);
      EndpointState member = pool.current().member(pick.slot());
      LoadLedger.Entry booked = ledgers.get(replica).open(pick.slot(), member.incarnation(), 1, 0);
      running.add(new Running(now + nanos, pod, observer, booked));
      judge();
    }

    private Candidate best(Candidates eligible, Set<String> held) {
      Candidate best = eligible.get(0);
      double bestScore = -1;
      for (Candidate candidate : eligible) {
        String pod = candidate.endpoint().id().name();
        int load = reported.getOrDefault(pod, 0);
        double score = (held.contains(pod) ? 2 : 0) + 1.0 / (1 + load) + random.nextDouble() / 100;
        if (score > bestScore) {
          bestScore = score;
          best = candidate;
        }
      }
      return best;
    }

    private void judge() {
      if (pool.current().size() > PODS) {
        double sum = inFlight.values().stream().mapToInt(Integer::intValue).sum();
        int newcomer = inFlight.getOrDefault("pod-" + PODS, 0);
        worst = Math.max(worst, newcomer / (sum / (PODS + 1)));
      }
    }

    double hitRate() {
      return (double) hits / followUps;
    }

    /** A newcomer among those who have been there for a minute, if there is one. */
    static World played(boolean startsSlowly, boolean isJoined) {
      return played(new World(startsSlowly), isJoined);
    }

    static World played(World world, boolean isJoined) {
      world.pods(PODS);
      world.runUntil(60 * SECOND);
      world.followUps = 0;
      world.hits = 0;
      if (isJoined) {
        world.pods(PODS + 1);
      }
      world.runUntil(world.now + SlowStart.NANOS);
      return world;
    }
  }

  @Test
  void neverHoldsMoreThanTwiceTheMeanInItsFirst30Seconds() {
    World stampede = World.played(false, true);
    assertThat(stampede.worst).as("without slow start").isGreaterThan(2);

    World slow = World.played(true, true);
    assertThat(slow.worst).isLessThanOrEqualTo(2);
    assertThat(slow.atNewcomer).as("it gets its part").isGreaterThan(80);
  }

  /** Each of many replicas would send one request there at the least. */
  @Test
  void replicasCountWhatTheOthersHaveThere() {
    World alone = World.played(new World(24, false), true);
    World together = World.played(new World(24, true), true);
    assertThat(together.worst).isLessThanOrEqualTo(2).isLessThan(alone.worst);
    assertThat(together.atNewcomer).as("it gets its part").isGreaterThan(80);
    double before = World.played(new World(24, true), false).hitRate();
    assertThat(together.hitRate()).isGreaterThan(before - 0.02);
  }

  @Test
  void costsTheOthersNoHits() {
    double before = World.played(true, false).hitRate();
    assertThat(World.played(true, true).hitRate()).isGreaterThan(before - 0.02);
  }

  @Test
  void ofANewPoolNoneStartsSlowly() {
    var world = new World(true);
    world.pods(1);
    world.now += SlowStart.NANOS - 1;
    world.pods(PODS);
    for (int i = 0; i < 50; i++) {
      Candidates all = world.pool.current().candidates();
      assertThat(world.health().eligible(all, world.now)).isSameAs(all);
      world.health().picked(all.get(PODS - 1), world.now);
    }
  }

  @Test
  void aPoolThatNothingJoinsIsLeftAlone() {
    var world = new World(true);
    world.pods(PODS);
    world.now += 10 * SlowStart.NANOS;
    Candidates all = world.pool.current().candidates();
    for (int i = 0; i < 50; i++) {
      world.health().picked(all.get(0), world.now);
      assertThat(world.health().eligible(all, world.now)).isSameAs(all);
    }
  }
}
