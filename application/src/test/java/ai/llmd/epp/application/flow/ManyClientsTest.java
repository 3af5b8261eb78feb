package ai.llmd.epp.application.flow;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.Admission;
import ai.llmd.epp.application.Admission.Admitted;
import ai.llmd.epp.application.Admission.Outcome;
import ai.llmd.epp.application.Admission.Queued;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.flow.FlowFixture;
import ai.llmd.epp.domain.request.InferenceRequest;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ManyClientsTest extends FlowControllerFixture {

  /** Requests that come, are served, leave and expire on many threads. */
  @Test
  void losesNoneAndNeverExceedsThePool() throws Exception {
    endpoints(2);
    slots = 8;
    FlowController controller =
        controller(
            new FlowFixture().ttl(2_000_000_000L, 0).capacity(300, 1 << 20).bands(5, -5).build());
    AtomicInteger most = new AtomicInteger();
    AtomicInteger served = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    AtomicInteger left = new AtomicInteger();
    List<Thread> clients = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 2000; i++) {
      int seed = i;
      clients.add(
          Thread.ofVirtual()
              .start(() -> ask(controller, new Random(seed), most, served, refused, left)));
    }
    for (Thread client : clients) {
      client.join();
    }
    assertThat(served.get() + refused.get() + left.get()).isEqualTo(2000);
    assertThat(served.get()).isPositive();
    assertThat(most.get()).isLessThanOrEqualTo(8);
    awaitWaiting(controller, 0);
    assertThat(controller.figures().bytes()).isZero();
    assertThat(observer.inside).hasValue(0);
  }

  /** So within a millisecond: in processor time, for the machine may have other things to do. */
  @Test
  void aClientThatLeavesFreesItsPlaceBeforeItsCallReturns() {
    endpoints(1);
    slots = 0;
    FlowController controller = controller(new FlowFixture().capacity(1 << 20, 1 << 30).build());
    List<Queued> clients = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      InferenceRequest request = request("flow-" + i % 500, 0, 10);
      var queued =
          (Queued)
              new FlowAdmission(controller)
                  .admit(request, new Facts(), pool.current().candidates(), budget(request), 0);
      queued.place().take(() -> {});
      clients.add(queued);
    }
    assertThat(controller.waiting()).isEqualTo(clients.size());
    Collections.shuffle(clients, new Random(5));

    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long left = clients.size();
    long began = threads.getCurrentThreadCpuTime();
    for (Queued client : clients) {
      client.place().giveUp();
      assertThat(controller.waiting()).isEqualTo(--left);
    }
    long nanos = threads.getCurrentThreadCpuTime() - began;
    assertThat(nanos / clients.size()).isLessThan(TimeUnit.MILLISECONDS.toNanos(1));
    assertThat(controller.figures().bytes()).isZero();
  }

  private void ask(
      FlowController controller,
      Random random,
      AtomicInteger most,
      AtomicInteger served,
      AtomicInteger refused,
      AtomicInteger left) {
    Admission admission = new FlowAdmission(controller);
    Facts facts = new Facts();
    InferenceRequest request =
        request("flow-" + random.nextInt(5), List.of(5, 0, -5).get(random.nextInt(3)), 10);
    Outcome outcome =
        admission.admit(request, facts, pool.current().candidates(), budget(request), 0);
    try {
      if (outcome instanceof Queued queued) {
        if (random.nextInt(20) == 0) {
          Thread.currentThread().interrupt();
        }
        queued.place().await();
        outcome = queued.rest().await();
      }
    } catch (InterruptedException e) {
      left.incrementAndGet();
      admission.decided(facts);
      return;
    }
    if (!(outcome instanceof Admitted)) {
      refused.incrementAndGet();
      admission.decided(facts);
      return;
    }
    most.accumulateAndGet(running.incrementAndGet(), Math::max);
    admission.decided(facts);
    Thread.onSpinWait();
    served.incrementAndGet();
    running.decrementAndGet();
    controller.roomMade();
  }
}
