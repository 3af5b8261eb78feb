package ai.llmd.epp.application.producer;

import static ai.llmd.epp.application.producer.Requests.cycle;
import static ai.llmd.epp.application.producer.Requests.endpoint;
import static ai.llmd.epp.application.producer.Requests.request;
import static ai.llmd.epp.application.producer.Requests.result;
import static ai.llmd.epp.application.producer.Requests.routed;
import static ai.llmd.epp.application.producer.Requests.tokens;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.application.producer.InflightLoadProducer.Parameters;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.UncachedTokens;
import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever happens in whatever order, the counters show what is open and nothing else. */
class InflightAccountingTest {

  private static final String NAME = "load";
  private static final int SLOTS = 4;
  private static final ResponseSummary ENDED =
      new ResponseSummary(Termination.NATURAL, Usage.NONE, false, 0, 0, -1, 1);

  private final LoadLedger ledger = new LoadLedger();
  private final @Nullable EndpointState[] pool = new EndpointState[SLOTS];
  private final List<OpenRequest> open = new ArrayList<>();
  private long incarnations;

  /** What one request still holds on one life of an endpoint. */
  private static final class Share {
    final EndpointState endpoint;
    final boolean isPrefill;
    long requests = 1;
    long tokens;

    Share(EndpointState endpoint, boolean isPrefill, long tokens) {
      this.endpoint = endpoint;
      this.isPrefill = isPrefill;
      this.tokens = tokens;
    }
  }

  private record OpenRequest(ResponseObserver observer, List<Share> shares) {}

  @RepeatedTest(100)
  void showsTheSumOfWhatIsOpenAfterEveryStep(RepetitionInfo round) {
    var random = new Random(round.getCurrentRepetition());
    boolean countsOutput = round.getCurrentRepetition() % 2 == 0;
    var producer =
        new InflightLoadProducer(
            NAME, new Parameters(countsOutput, 1.5, null, "", true), ledger, InFlightObserver.NONE);
    for (int step = 0; step < 300; step++) {
      switch (random.nextInt(10)) {
        case 0 -> come(producer, random.nextInt(SLOTS));
        case 1 -> go(producer, random.nextInt(SLOTS));
        case 2, 3, 4 -> route(producer, random);
        case 5, 6, 7 -> firstBytes(random, countsOutput);
        default -> end(random);
      }
      assertSums(producer);
    }
  }

  private void come(InflightLoadProducer producer, int slot) {
    if (pool[slot] == null) {
      EndpointState newcomer = endpoint(slot, ++incarnations, "ns/p" + slot);
      pool[slot] = newcomer;
      producer.added(newcomer);
    }
  }

  private void go(InflightLoadProducer producer, int slot) {
    EndpointState gone = pool[slot];
    if (gone != null) {
      pool[slot] = null;
      producer.removed(gone, () -> {});
    }
  }

  private void route(InflightLoadProducer producer, Random random) {
    EndpointState[] members =
        Stream.of(pool).filter(Objects::nonNull).toArray(EndpointState[]::new);
    if (members.length == 0) {
      return;
    }
    SchedulingCycle cycle = produced(producer, members, random);
    UncachedTokens estimates = Objects.requireNonNull(cycle.facts().get(UncachedTokens.key(NAME)));
    List<Share> shares = new ArrayList<>();
    EndpointState decode = members[random.nextInt(members.length)];
    var results = new ProfileResults();
    if (random.nextBoolean()) {
      EndpointState prefill = members[random.nextInt(members.length)];
      results.put("prefill", result(cycle, prefill));
      shares.add(new Share(prefill, true, estimates.tokens(prefill.slot())));
    }
    shares.add(new Share(decode, false, estimates.tokens(decode.slot())));
    if (random.nextInt(8) == 0) { // the endpoint goes between the decision and its booking
      go(producer, decode.slot());
    }
    open.add(new OpenRequest(producer.onRouted(routed(cycle, results, decode)), shares));
  }

  private static SchedulingCycle produced(
      InflightLoadProducer producer, EndpointState[] members, Random random) {
    SchedulingCycle cycle = cycle(request(tokens(new int[random.nextInt(1_000)])), members);
    new TokenProducer(TokenProducer.Parameters.DEFAULT).produce(cycle);
    if (random.nextBoolean()) {
      int[] matched = random.ints(SLOTS, 0, 12).toArray();
      cycle.facts().put(PrefixMatches.keyOrDefault(""), PrefixMatches.uniform(matched, 10, 64));
    }
    producer.produce(cycle);
    return cycle;
  }

  private void firstBytes(Random random, boolean countsOutput) {
    if (open.isEmpty()) {
      return;
    }
    OpenRequest request = open.get(random.nextInt(open.size()));
    request.observer().onFirstBytes();
    for (Share share : request.shares()) {
      share.requests = share.isPrefill ? 0 : share.requests;
      share.tokens = share.isPrefill || !countsOutput ? 0 : share.tokens;
    }
  }

  private void end(Random random) {
    if (!open.isEmpty()) {
      OpenRequest request = open.remove(random.nextInt(open.size()));
      request.observer().onEnd(ENDED);
      request.observer().onFirstBytes(); // late and twice: no caller does so, and nothing happens
      request.observer().onEnd(ENDED);
    }
  }

  private void assertSums(InflightLoadProducer producer) {
    SchedulingCycle cycle = cycle(request(), endpoint(SLOTS - 1));
    producer.produce(cycle);
    InFlightLoad shown = Objects.requireNonNull(cycle.facts().get(InFlightLoad.key(NAME)));
    for (int slot = 0; slot < SLOTS; slot++) {
      EndpointState member = pool[slot];
      long requests = 0;
      long tokens = 0;
      for (OpenRequest request : open) {
        for (Share share : request.shares()) {
          if (share.endpoint == member) {
            requests += share.requests;
            tokens += share.tokens;
          }
        }
      }
      assertThat(shown.requests(slot)).as("requests on slot %d", slot).isEqualTo(requests);
      assertThat(shown.tokens(slot)).as("tokens on slot %d", slot).isEqualTo(tokens);
    }
  }

  @Test
  @Timeout(60)
  void neverShowsLessThanNothingWhileEndpointsComeAndGo() throws Exception {
    var producer =
        new InflightLoadProducer(NAME, Parameters.DEFAULT, ledger, InFlightObserver.NONE);
    for (int slot = 0; slot < SLOTS; slot++) {
      come(producer, slot);
    }
    EndpointState[] members = Stream.of(pool).toArray(EndpointState[]::new);
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<?>> done = new ArrayList<>();
      for (int seed = 0; seed < 3; seed++) {
        var random = new Random(seed);
        done.add(threads.submit(() -> routeAndEnd(producer, members, random)));
      }
      var random = new Random(99);
      while (!done.stream().allMatch(Future::isDone)) {
        go(producer, random.nextInt(SLOTS));
        for (int slot = 0; slot < SLOTS; slot++) {
          come(producer, slot);
          assertThat(ledger.inFlight(slot + 1).requests(slot)).isNotNegative();
          assertThat(ledger.inFlight(slot + 1).tokens(slot)).isNotNegative();
        }
      }
      for (Future<?> future : done) {
        future.get();
      }
    }
    assertSums(producer);
  }

  private static void routeAndEnd(
      InflightLoadProducer producer, EndpointState[] members, Random random) {
    for (int i = 0; i < 5_000; i++) {
      SchedulingCycle cycle = produced(producer, members, random);
      ResponseObserver observer =
          producer.onRouted(routed(cycle, members[random.nextInt(members.length)]));
      if (random.nextBoolean()) {
        observer.onFirstBytes();
      }
      observer.onEnd(ENDED);
    }
  }
}
