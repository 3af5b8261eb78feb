package ai.llmd.epp.application.health;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.Freshness;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.routing.FakeResponseHead;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import ai.llmd.epp.domain.scheduling.scorer.RunningRequestsSizeScorer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A pool of four servers under load, one of which does not show its own. Requests go to the server
 * that executes the fewest, by reports that come every 50 ms.
 */
class UnseenLoadTest {

  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int SERVERS = 4;
  private static final ResponseSummary SERVED =
      new ResponseSummary(Termination.NATURAL, Usage.NONE, false, 0, 0, 0, 0);
  private static final ResponseHead OK = FakeResponseHead.of(Map.of(":status", "200"));

  /** What the one server does. */
  enum Fault {
    /** No answer to any poll, or none that can be read. */
    NEVER_REPORTS,
    /** Reports nothing to do, whatever it has to do. */
    REPORTS_ZERO,
    /** Answers for five seconds, and no more. */
    FALLS_SILENT,
    /** After five seconds its figures stand still for a minute, at a moment when it was idle. */
    STANDS_STILL
  }

  private record Running(long endsAt, int server, ResponseObserver observer) {}

  private final Random random = new Random(11);
  private final LivePool pool = new LivePool("p", List.of(), PluginFaults.IGNORED);
  private final PoolHealth health =
      new PoolHealth(this::now, endpoint -> {}, () -> {}, endpoint -> 0);
  private final Freshness freshness = Freshness.within(Duration.ofSeconds(2), SampleAge.BY_CLOCK);
  private final PriorityQueue<Running> running =
      new PriorityQueue<>(Comparator.comparingLong(Running::endsAt));
  private final int[] inFlight = new int[SERVERS];
  private final int[] sent = new int[SERVERS];
  private long now;

  private long now() {
    return now;
  }

  @ParameterizedTest
  @EnumSource
  void itDrawsNoMoreThanItsShare(Fault fault) {
    List<Endpoint> servers = new ArrayList<>();
    for (int i = 0; i < SERVERS; i++) {
      servers.add(Endpoint.of(new EndpointId("ns", "s" + i), "192.0.2." + i, 80, Map.of()));
    }
    pool.observe(List.of(health));
    pool.keep(servers);
    for (long tick = 0; tick < 1_300; tick++) { // 65 seconds
      now = tick * 50 * MILLI;
      report(fault);
      for (int i = 0; i < 4; i++) { // 80 requests a second, of half a second each
        now += 12 * MILLI;
        endWhatIsOver();
        send();
      }
    }
    int all = 0;
    for (int count : sent) {
      all += count;
    }
    assertThat((double) sent[0] / all).isBetween(0.10, 0.26);
  }

  private void report(Fault fault) {
    for (int server = 0; server < SERVERS; server++) {
      EndpointState state = pool.current().member(server);
      int figure = server == 0 ? figureOf(fault) : inFlight[server];
      if (figure >= 0) {
        state.publish(previous -> load(figure));
        health.answered(state);
        health.sampled(state);
      }
    }
  }

  /** -1 for none. */
  private int figureOf(Fault fault) {
    boolean isWell = now < 5_000 * MILLI;
    return switch (fault) {
      case NEVER_REPORTS -> -1;
      case REPORTS_ZERO -> 0;
      case FALLS_SILENT -> isWell ? inFlight[0] : -1;
      case STANDS_STILL -> isWell ? inFlight[0] : 0;
    };
  }

  private EndpointLoad load(int figure) {
    return new EndpointLoad(0, figure, 0, Set.of(), Set.of(), 0, 0, 0, Map.of(), now, true);
  }

  private void endWhatIsOver() {
    while (!running.isEmpty() && running.peek().endsAt() <= now) {
      Running over = running.poll();
      inFlight[over.server()]--;
      over.observer().onEnd(SERVED);
    }
  }

  private void send() {
    Candidates all = pool.current().candidates(freshness, now);
    Candidate pick = best(health.eligible(all, now));
    ResponseObserver observer = Objects.requireNonNull(health.picked(pick, now));
    observer.onHeaders(OK);
    sent[pick.slot()]++;
    inFlight[pick.slot()]++;
    long nanos = (250 + random.nextInt(500)) * MILLI;
    running.add(new Running(now + nanos, pick.slot(), observer));
  }

  private Candidate best(Candidates eligible) {
    SchedulingCycle any = new CycleFixture().idle(1).build();
    var cycle = new SchedulingCycle(any.request(), eligible, new Facts(), random, now);
    Scores scores = new RunningRequestsSizeScorer().score(cycle);
    double bestKnown = 0;
    for (Candidate candidate : eligible) {
      double score = scores.at(candidate.slot());
      bestKnown = Double.isNaN(score) ? bestKnown : Math.max(bestKnown, score);
    }
    List<Candidate> best = new ArrayList<>();
    for (Candidate candidate : eligible) {
      double score = scores.at(candidate.slot());
      if (Double.isNaN(score) || score >= bestKnown) { // as a profile settles what is not known
        best.add(candidate);
      }
    }
    return best.get(random.nextInt(best.size()));
  }
}
