package ai.llmd.epp.application.health;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.domain.calls.PluginFaults;
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
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What follows requests is used again, and never for two at once. */
class OutcomesWithoutGarbageTest {

  private static final ThreadMXBean THREADS =
      (ThreadMXBean) ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
  private static final ResponseSummary SERVED =
      new ResponseSummary(Termination.NATURAL, Usage.NONE, false, 0, 0, 0, 0);
  private static final ResponseHead OK = FakeResponseHead.of(Map.of(":status", "200"));
  private static final int AT_ONCE = 100;

  private final LivePool pool = new LivePool("p", List.of(), PluginFaults.IGNORED);
  private final PoolHealth health =
      new PoolHealth(System::nanoTime, endpoint -> {}, () -> {}, endpoint -> 0);
  private final ResponseObserver[] running = new ResponseObserver[AT_ONCE];

  @BeforeEach
  void twoEndpoints() {
    pool.observe(List.of(health));
    pool.keep(
        List.of(
            Endpoint.of(new EndpointId("ns", "a"), "192.0.2.1", 80, Map.of()),
            Endpoint.of(new EndpointId("ns", "b"), "192.0.2.2", 80, Map.of())));
  }

  private ResponseObserver send(Candidates all, int slot) {
    long now = System.nanoTime();
    Candidates eligible = health.eligible(all, now);
    return Objects.requireNonNull(health.picked(eligible.get(slot), now));
  }

  private void round(Candidates all) {
    for (int i = 0; i < AT_ONCE; i++) {
      running[i] = send(all, i % 2);
    }
    for (ResponseObserver observer : running) {
      observer.onHeaders(OK);
      observer.onFirstBytes();
    }
    for (ResponseObserver observer : running) {
      observer.onEnd(SERVED);
    }
  }

  @Test
  void requestsAllocateNothing() {
    Candidates all = pool.current().candidates();
    for (int i = 0; i < 1_000; i++) {
      round(all);
    }
    long least = Long.MAX_VALUE; // a compiler may come in between once
    for (int attempt = 0; attempt < 20 && least > 0; attempt++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 50; i++) {
        round(all);
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).isZero();
  }

  @Test
  void oneFollowsOneRequestAtATime() {
    Candidates all = pool.current().candidates();
    ResponseObserver first = send(all, 0);
    ResponseObserver second = send(all, 0);
    assertThat(second).isNotSameAs(first);

    first.onEnd(SERVED);
    assertThat(send(all, 0)).isSameAs(first);
    assertThat(send(all, 1)).isNotSameAs(first).isNotSameAs(second);
  }

  @Test
  void anEndThatComesTwiceCountsOnce() {
    ResponseObserver over = send(pool.current().candidates(), 0);
    over.onEnd(SERVED);
    over.onEnd(SERVED);

    assertThat(inFlight(0)).isZero();
    Candidates all = pool.current().candidates();
    assertThat(send(all, 0)).isNotSameAs(send(all, 0));
  }

  @Test
  void whatTheRequestBeforeCameToIsForgotten() {
    ResponseObserver used = send(pool.current().candidates(), 0);
    used.onHeaders(OK);
    used.onEnd(SERVED);
    health.lost(member(0));

    for (int i = 0; i < 8; i++) { // never answered, so that none can have been cut short
      ResponseObserver again = send(pool.current().candidates(), 0);
      assertThat(again).isSameAs(used);
      again.onEnd(new ResponseSummary(Termination.ERROR, Usage.NONE, false, 0, 0, 0, 0));
    }
    assertThat(health.condition(member(0)).state().name()).isEqualTo("HEALTHY");
  }

  @Test
  void moreRequestsAtOnceThanAreKeptAreFollowedAsWell() {
    Candidates all = pool.current().candidates();
    for (int round = 0; round < 2; round++) {
      List<ResponseObserver> observers = new ArrayList<>();
      for (int i = 0; i < FreeOutcomes.MAX + 10; i++) {
        observers.add(send(all, 0));
      }
      assertThat(observers).doesNotHaveDuplicates();
      assertThat(inFlight(0)).isEqualTo(observers.size());
      observers.forEach(observer -> observer.onEnd(SERVED));
      assertThat(inFlight(0)).isZero();
    }
  }

  @Test
  void threadsNeverShareOne() throws Exception {
    Candidates all = pool.current().candidates();
    Callable<Void> client =
        () -> {
          var random = new Random();
          List<ResponseObserver> mine = new ArrayList<>();
          for (int i = 0; i < 50_000; i++) {
            if (mine.size() < 5 && random.nextBoolean()) {
              mine.add(send(all, random.nextInt(2)));
            } else if (!mine.isEmpty()) {
              ResponseObserver over = mine.remove(random.nextInt(mine.size()));
              over.onHeaders(OK);
              over.onEnd(SERVED);
            }
          }
          mine.forEach(observer -> observer.onEnd(SERVED));
          return null;
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<Void> over : threads.invokeAll(List.of(client, client, client, client))) {
        over.get();
      }
    }
    // one that followed two requests at once would have ended once for both
    assertThat(inFlight(0)).isZero();
    assertThat(inFlight(1)).isZero();
  }

  private EndpointState member(int slot) {
    return pool.current().member(slot);
  }

  private int inFlight(int slot) {
    return health.condition(member(slot)).inFlight();
  }
}
