package ai.llmd.epp.domain.scheduling.session;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.scheduling.session.SessionParameters.SessionIdConfig;
import ai.llmd.epp.domain.state.SessionDirectory;
import ai.llmd.epp.domain.state.Sharing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ExpiringSessionsTest {

  private static final long SECOND = 1_000_000_000;
  private static final EndpointId A = new EndpointId("ns", "a");
  private static final EndpointId B = new EndpointId("ns", "b");

  private final AtomicLong now = new AtomicLong();

  /** The reference: a table that is swept at fixed times, whether it is read or not. */
  private static final class SweptTable {

    private record Binding(EndpointId endpoint, long usedAt) {}

    final Map<String, Binding> bindings = new HashMap<>();
    private long nextSweep;
    private final long interval;
    private final long ttl;

    SweptTable(long start, long interval, long ttl) {
      this.nextSweep = start + interval;
      this.interval = interval;
      this.ttl = ttl;
    }

    void advance(long now) {
      while (nextSweep <= now) {
        long at = nextSweep;
        bindings.values().removeIf(binding -> at - binding.usedAt() > ttl);
        nextSweep += interval;
      }
    }

    void use(String session, EndpointId endpoint, boolean mayMove, long now) {
      Binding bound = bindings.get(session);
      if (bound == null || mayMove || bound.endpoint().equals(endpoint)) {
        bindings.put(session, new Binding(endpoint, now));
      }
    }
  }

  @RepeatedTest(200)
  void forgetsExactlyWhatAPeriodicSweepWouldForget(RepetitionInfo round) {
    var random = new Random(round.getCurrentRepetition());
    now.set(random.nextLong(1_000 * SECOND) - 500 * SECOND);
    long interval = 1L + random.nextInt(20);
    long ttl = 1L + random.nextInt(40);
    var expiring = expiring((double) ttl, (double) interval);
    var swept = new SweptTable(now.get(), interval * SECOND, ttl * SECOND);
    for (int i = 0; i < 300; i++) {
      now.addAndGet(random.nextInt(4) * random.nextLong(10 * SECOND));
      swept.advance(now.get());
      String session = "s" + random.nextInt(5);
      if (random.nextBoolean()) {
        EndpointId endpoint = random.nextBoolean() ? A : B;
        boolean mayMove = random.nextInt(4) == 0;
        expiring.use(session, endpoint, mayMove);
        swept.use(session, endpoint, mayMove, now.get());
      }
      SweptTable.Binding bound = swept.bindings.get(session);
      assertThat(expiring.endpointOf(session)).isEqualTo(bound == null ? null : bound.endpoint());
    }
  }

  @Test
  void copesWithTimesThatAreTinyOrEndless() {
    var endless = expiring(1e300, 1e300);
    var tiny = expiring(1e-300, 1e-300);
    endless.use("s", A, false);
    tiny.use("s", A, false);
    assertThat(tiny.endpointOf("s")).isEqualTo(A);
    now.addAndGet(1_000_000 * SECOND);
    assertThat(endless.endpointOf("s")).isEqualTo(A);
    assertThat(tiny.endpointOf("s")).isNull();
  }

  @Test
  @Timeout(30)
  void requestsThatRaceForANewSessionAllSeeTheFirstBinding() throws Exception {
    var sessions = expiring(300, 10);
    int threads = 4;
    List<EndpointId> endpoints = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      endpoints.add(new EndpointId("ns", "e" + i));
    }
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int round = 0; round < 500; round++) {
        String session = "s" + round;
        List<Future<EndpointId>> seen = new ArrayList<>();
        for (EndpointId endpoint : endpoints) {
          seen.add(
              executor.submit(
                  () -> {
                    sessions.use(session, endpoint, false);
                    return sessions.endpointOf(session);
                  }));
        }
        EndpointId bound = seen.getFirst().get();
        for (Future<EndpointId> future : seen) {
          assertThat(future.get()).isEqualTo(bound);
        }
      }
    }
  }

  private ExpiringSessions expiring(double ttlSeconds, double sweepSeconds) {
    return new ExpiringSessions(
        new SessionDirectory("plugin", 1_000, Sharing.NONE),
        new SessionIdConfig(List.of(), ttlSeconds, sweepSeconds),
        now::get);
  }
}
