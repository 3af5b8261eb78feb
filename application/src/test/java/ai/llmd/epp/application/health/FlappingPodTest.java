package ai.llmd.epp.application.health;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.routing.FakeResponseHead;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * One of eight pods is gone for two seconds and there for two, again and again. Requests go to the
 * least loaded pod as of the last report, 50 ms ago: 10 a second to each pod, of a second each.
 */
class FlappingPodTest {

  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final int PODS = 8;
  private static final int FLAPPING = PODS - 1;
  private static final ResponseSummary SERVED =
      new ResponseSummary(Termination.NATURAL, Usage.NONE, false, 0, 0, 0, 0);
  private static final ResponseHead OK = FakeResponseHead.of(Map.of(":status", "200"));
  private static final ResponseHead GONE = FakeResponseHead.of(Map.of(":status", "503"));

  private record Running(long endsAt, int slot, @Nullable ResponseObserver observer) {}

  /** Traffic in virtual time. */
  private static final class World {
    final Random random = new Random(7);
    final LivePool pool = new LivePool("p", List.of(), PluginFaults.IGNORED);
    final PriorityQueue<Running> running =
        new PriorityQueue<>(Comparator.comparingLong(Running::endsAt));
    final int[] inFlight = new int[PODS];
    final PoolHealth health;
    final boolean flaps;
    int[] reported = new int[PODS];
    long now;
    int sent;
    int failed;
    double squares; // of what a pod that is always there holds, less the mean of those
    int samples;
    int most;

    World(boolean flaps) {
      this.flaps = flaps;
      this.health = new PoolHealth(() -> now, endpoint -> {}, () -> {}, endpoint -> 0);
      pool.observe(List.of(health));
      List<Endpoint> pods = new ArrayList<>();
      for (int i = 0; i < PODS; i++) {
        pods.add(Endpoint.of(new EndpointId("ns", "pod-" + i), "192.0.2." + i, 80, Map.of()));
      }
      pool.keep(pods);
    }

    boolean isThere() {
      return !flaps || now / (2 * SECOND) % 2 == 0;
    }

    World play() {
      long nextArrival = 0;
      for (; now < 120 * SECOND; now += MILLI) {
        while (!running.isEmpty() && running.peek().endsAt() <= now) {
          end(running.poll());
        }
        if (now % (50 * MILLI) == 0) {
          poll();
        }
        while (nextArrival <= now) {
          send();
          nextArrival += (long) (-Math.log(1 - random.nextDouble()) * SECOND / (10 * PODS));
        }
        if (now > 30 * SECOND && now % (100 * MILLI) == 0) {
          sample();
        }
      }
      return this;
    }

    private void poll() {
      reported = inFlight.clone();
      if (isThere()) {
        health.answered(pool.current().member(FLAPPING));
      } else {
        loseWhatRuns();
        health.lost(pool.current().member(FLAPPING));
        health.refused(pool.current().member(FLAPPING));
      }
    }

    private void loseWhatRuns() {
      List<Running> lost = running.stream().filter(r -> r.slot() == FLAPPING).toList();
      running.removeAll(lost);
      lost.forEach(this::end);
    }

    private void end(Running request) {
      inFlight[request.slot()]--;
      if (request.observer() != null) {
        request.observer().onEnd(SERVED);
      }
    }

    private void send() {
      Candidates eligible = health.eligible(pool.current().candidates(), now);
      Candidate pick = eligible.get(0);
      double best = Double.MAX_VALUE;
      for (Candidate candidate : eligible) {
        double load = reported[candidate.slot()] + random.nextDouble();
        if (load < best) {
          best = load;
          pick = candidate;
        }
      }
      ResponseObserver observer = health.picked(pick, now);
      boolean isServed = pick.slot() != FLAPPING || isThere();
      inFlight[pick.slot()]++;
      sent++;
      failed += isServed ? 0 : 1;
      if (observer != null) {
        observer.onHeaders(isServed ? OK : GONE);
      }
      var request = new Running(now + SECOND, pick.slot(), observer);
      if (isServed) {
        running.add(request);
      } else {
        end(request);
      }
    }

    private void sample() {
      double mean = 0;
      for (int slot = 0; slot < FLAPPING; slot++) {
        mean += inFlight[slot] / (double) FLAPPING;
        most = Math.max(most, inFlight[slot]);
      }
      for (int slot = 0; slot < FLAPPING; slot++) {
        squares += (inFlight[slot] - mean) * (inFlight[slot] - mean);
        samples++;
      }
    }

    double variance() {
      return squares / samples;
    }
  }

  @Test
  void theRestOfThePoolDoesNotOscillate() {
    World calm = new World(false).play();
    World flapping = new World(true).play();
    assertThat(flapping.variance())
        .as("variance in flight among the others; calm %s", calm.variance())
        .isLessThan(2 * calm.variance());
    assertThat(flapping.most).as("calm %d", calm.most).isLessThanOrEqualTo(2 * calm.most);
    assertThat(flapping.failed).as("of %d", flapping.sent).isLessThan(flapping.sent / 100);
  }
}
