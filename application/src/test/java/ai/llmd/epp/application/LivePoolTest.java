package ai.llmd.epp.application;

import static ai.llmd.epp.application.Endpoints.pod;
import static ai.llmd.epp.application.Endpoints.pods;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.PoolSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class LivePoolTest {

  /** Notes its calls and keeps the removed until it is released by the test. */
  private static final class Slow implements PoolObserver {

    final List<String> calls = new ArrayList<>();
    final List<Runnable> held = new ArrayList<>();

    @Override
    public void added(EndpointState endpoint) {
      calls.add("added " + endpoint.endpoint().id().name());
    }

    @Override
    public void changed(EndpointState endpoint) {
      calls.add("changed " + endpoint.endpoint().id().name());
    }

    @Override
    public void removed(EndpointState endpoint, Runnable released) {
      calls.add("removed " + endpoint.endpoint().id().name());
      held.add(released);
    }
  }

  private final Slow slow = new Slow();
  private final LivePool pool =
      new LivePool("p", List.of(new PoolObserver() {}, slow), PluginFaults.IGNORED);

  @Test
  void startsEmptyUnderItsName() {
    assertThat(pool.current().isEmpty()).isTrue();
    assertThat(pool.current().name()).isEqualTo("p");
  }

  @Test
  void givesTheSmallestFreeSlots() {
    pool.keep(pods(3));

    assertThat(slotsByName(pool)).isEqualTo(Map.of("pod-0", 0, "pod-1", 1, "pod-2", 2));
  }

  @Test
  void keepsSlotLoadAndIncarnationOfThoseThatStay() {
    pool.keep(pods(2));
    EndpointState before = member(pool, "pod-1");
    before.publish(load -> loadWithQueue(7));

    pool.keep(List.of(pod(1, Map.of("role", "decode")), pod(2)));

    EndpointState after = member(pool, "pod-1");
    assertThat(after.slot()).isEqualTo(1);
    assertThat(after.incarnation()).isEqualTo(before.incarnation());
    assertThat(after.load().waitingRequests()).isEqualTo(7);
    assertThat(after.endpoint().labels()).containsEntry("role", "decode");
  }

  @Test
  void reusesASlotOnlyAfterEveryObserverReleasedIt() {
    pool.keep(pods(2));
    pool.keep(List.of(pod(1)));
    pool.keep(List.of(pod(1), pod(2)));
    assertThat(slotsByName(pool)).isEqualTo(Map.of("pod-1", 1, "pod-2", 2));

    slow.held.getFirst().run();
    pool.keep(List.of(pod(1), pod(2), pod(3)));

    assertThat(slotsByName(pool)).isEqualTo(Map.of("pod-1", 1, "pod-2", 2, "pod-3", 0));
  }

  @Test
  void countsARepeatedReleaseOnce() {
    var other = new Slow();
    var twoSlow = new LivePool("p", List.of(slow, other), PluginFaults.IGNORED);
    twoSlow.keep(List.of(pod(0)));
    twoSlow.keep(List.of());

    slow.held.getFirst().run();
    slow.held.getFirst().run();
    twoSlow.keep(List.of(pod(1)));

    assertThat(slotsByName(twoSlow)).isEqualTo(Map.of("pod-1", 1));
  }

  @Test
  void treatsAReturningIdAsANewIncarnation() {
    pool.keep(List.of(pod(0)));
    long first = member(pool, "pod-0").incarnation();
    pool.keep(List.of());
    pool.keep(List.of(pod(0)));

    assertThat(member(pool, "pod-0").incarnation()).isGreaterThan(first);
    assertThat(member(pool, "pod-0").slot()).isEqualTo(1);
  }

  @Test
  void letsTheLastOfTwoWithOneIdCount() {
    pool.keep(List.of(pod(0, Map.of("v", "old")), pod(0, Map.of("v", "new"))));

    assertThat(pool.current().size()).isEqualTo(1);
    assertThat(member(pool, "pod-0").endpoint().labels()).containsEntry("v", "new");
  }

  @Test
  void notifiesObserversOfWhatCameChangedAndWent() {
    pool.keep(pods(2));
    pool.keep(List.of(pod(1, Map.of("a", "b")), pod(2)));
    pool.keep(List.of(pod(1, Map.of("a", "b")), pod(2)));

    assertThat(slow.calls)
        .containsExactly(
            "added pod-0", "added pod-1", "changed pod-1", "added pod-2", "removed pod-0");
  }

  @Test
  void changesOnlyWhatAChangeNames() {
    pool.keep(pods(3));
    EndpointState stays = member(pool, "pod-2");
    slow.calls.clear();

    pool.change(
        List.of(pod(0).id(), pod(9).id()), List.of(pod(1, Map.of("a", "b")), pod(4), pod(3)));

    assertThat(slow.calls)
        .containsExactly("changed pod-1", "added pod-4", "added pod-3", "removed pod-0");
    assertThat(slotsByName(pool)).isEqualTo(Map.of("pod-1", 1, "pod-2", 2, "pod-4", 3, "pod-3", 4));
    assertThat(member(pool, "pod-2")).isSameAs(stays);
    assertThat(member(pool, "pod-1").endpoint().labels()).containsEntry("a", "b");
  }

  @Test
  void takesOneThatGoesAndComesInOneChangeForAnother() {
    pool.keep(pods(2));
    EndpointState before = member(pool, "pod-0");

    pool.change(List.of(pod(0).id()), List.of(pod(0)));

    EndpointState after = member(pool, "pod-0");
    assertThat(after.incarnation()).isGreaterThan(before.incarnation());
    assertThat(after.slot()).isEqualTo(2);
    assertThat(pool.current().size()).isEqualTo(2);
  }

  @Test
  void endsTheSameWhetherItIsToldOfChangesOrOfTheWhole() {
    var random = new Random(7);
    var whole = new LivePool("p", List.of(), PluginFaults.IGNORED);
    var changed = new LivePool("p", List.of(), PluginFaults.IGNORED);
    Map<Integer, Endpoint> wanted = new HashMap<>();
    for (int round = 0; round < 500; round++) {
      List<Endpoint> put = new ArrayList<>();
      List<EndpointId> gone = new ArrayList<>();
      for (int i = 0; i < random.nextInt(4); i++) {
        int number = random.nextInt(30);
        if (random.nextBoolean()) {
          Endpoint come = pod(number, Map.of("v", "" + random.nextInt(3)));
          if (wanted.put(number, come) == null || !gone.contains(come.id())) {
            put.removeIf(other -> other.id().equals(come.id()));
            put.add(come);
          }
        } else if (put.stream().noneMatch(other -> other.id().equals(pod(number).id()))) {
          wanted.remove(number);
          gone.add(pod(number).id());
        }
      }
      changed.change(gone, put);
      whole.keep(wanted.values());
      assertThat(endpoints(changed)).isEqualTo(endpoints(whole));
    }
  }

  private static Set<Endpoint> endpoints(LivePool pool) {
    Set<Endpoint> all = new HashSet<>();
    PoolSnapshot now = pool.current();
    int lastSlot = -1;
    for (int i = 0; i < now.size(); i++) {
      assertThat(now.member(i).slot()).isGreaterThan(lastSlot);
      lastSlot = now.member(i).slot();
      all.add(now.member(i).endpoint());
    }
    assertThat(all).hasSize(now.size());
    return all;
  }

  @Test
  void notifiesANewObserverOfEveryMemberBeforeItIsUsed() {
    pool.keep(pods(2));
    var late = new Slow();

    pool.observe(List.of(slow, late));
    pool.keep(List.of(pod(1)));

    assertThat(late.calls).containsExactly("added pod-0", "added pod-1", "removed pod-0");
    assertThat(slow.calls).containsExactly("added pod-0", "added pod-1", "removed pod-0");
  }

  @Test
  void waitsForAnObserverThatWentUntilItHasReleasedWhatItHolds() {
    pool.keep(pods(1));
    pool.keep(List.of());
    pool.observe(List.of());

    pool.keep(List.of(pod(1)));
    assertThat(slotsByName(pool)).isEqualTo(Map.of("pod-1", 1));

    slow.held.forEach(Runnable::run);
    pool.keep(List.of(pod(1), pod(2)));
    assertThat(slotsByName(pool)).isEqualTo(Map.of("pod-1", 1, "pod-2", 0));
    assertThat(slow.calls).containsExactly("added pod-0", "removed pod-0");
  }

  @Test
  void goesOnWithoutAnObserverThatThrows() {
    List<String> faults = new ArrayList<>();
    PoolObserver broken =
        new PoolObserver() {
          @Override
          public void added(EndpointState endpoint) {
            throw new IllegalStateException("no");
          }

          @Override
          public void removed(EndpointState endpoint, Runnable released) {
            throw new IllegalStateException("no");
          }
        };
    var kept = new LivePool("p", List.of(broken), (point, name, type, cause) -> faults.add(point));
    kept.keep(pods(1));
    kept.keep(List.of());
    kept.keep(List.of(pod(1)));

    assertThat(slotsByName(kept)).isEqualTo(Map.of("pod-1", 0));
    assertThat(faults).containsExactly("PoolObserver", "PoolObserver", "PoolObserver");
  }

  @Test
  void showsReadersWholeSnapshotsWhileTheMembershipChurns() throws Exception {
    var churned = new LivePool("p", List.of(), PluginFaults.IGNORED);
    AtomicBoolean isOver = new AtomicBoolean();
    try (ExecutorService readers = Executors.newFixedThreadPool(2)) {
      List<Future<Integer>> reads = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        reads.add(readers.submit(() -> readUntil(isOver, churned)));
      }
      var random = new Random(1);
      for (int round = 0; round < 2_000; round++) {
        List<Endpoint> some = new ArrayList<>(pods(8));
        some.removeIf(ignored -> random.nextBoolean());
        churned.keep(some);
      }
      isOver.set(true);
      for (Future<Integer> read : reads) {
        assertThat(read.get()).isPositive();
      }
    }
    assertThat(churned.current().slotCount()).isLessThanOrEqualTo(8);
  }

  /** Fails when one snapshot shows an endpoint twice or a slot outside its bounds. */
  private static int readUntil(AtomicBoolean isOver, LivePool pool) {
    int reads = 0;
    do {
      PoolSnapshot snapshot = pool.current();
      Set<String> names = new HashSet<>();
      snapshot
          .candidates()
          .forEach(
              candidate -> {
                assertThat(names.add(candidate.endpoint().id().name())).isTrue();
                assertThat(candidate.slot()).isLessThan(snapshot.slotCount());
              });
      reads++;
    } while (!isOver.get());
    return reads;
  }

  private static EndpointLoad loadWithQueue(int waiting) {
    return new EndpointLoad(waiting, 0, 0, Set.of(), Set.of(), 0, 0, 0, Map.of(), 1, true);
  }

  private static EndpointState member(LivePool pool, String name) {
    PoolSnapshot snapshot = pool.current();
    for (int i = 0; i < snapshot.size(); i++) {
      if (snapshot.member(i).endpoint().id().name().equals(name)) {
        return snapshot.member(i);
      }
    }
    throw new AssertionError("no member " + name);
  }

  private static Map<String, Integer> slotsByName(LivePool pool) {
    Map<String, Integer> slots = new HashMap<>();
    PoolSnapshot snapshot = pool.current();
    for (int i = 0; i < snapshot.size(); i++) {
      slots.put(snapshot.member(i).endpoint().id().name(), snapshot.member(i).slot());
    }
    return slots;
  }
}
