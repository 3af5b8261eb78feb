package ai.llmd.epp.simulator.engine;

import static ai.llmd.epp.simulator.engine.Trial.adapterJob;
import static ai.llmd.epp.simulator.engine.Trial.capacity;
import static ai.llmd.epp.simulator.engine.Trial.job;
import static ai.llmd.epp.simulator.engine.Trial.perToken;
import static ai.llmd.epp.simulator.engine.Trial.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.simulator.engine.Submission.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class EngineTest {

  private static final Latencies ONE_MILLI_PER_TOKEN =
      perToken(Duration.ofNanos(100), Duration.ofMillis(1));

  @Test
  void runsNoMoreThanItsSlotsAndEmptiesItsQueue() {
    Trial trial = Trial.of(capacity(3, 100, 1000), ONE_MILLI_PER_TOKEN);

    for (int i = 0; i < 20; i++) {
      trial.submit(job(prompt(i, 50), 5));
    }

    assertThat(trial.engine.running()).isEqualTo(3);
    assertThat(trial.engine.waiting()).isEqualTo(17);
    assertThat(trial.engine.cacheUtilization()).isEqualTo(9 / 1000.0);
    trial.time.run();
    assertThat(trial.mostRunning).isEqualTo(3);
    assertThat(trial.engine.running()).isZero();
    assertThat(trial.engine.waiting()).isZero();
    assertThat(trial.engine.cacheUtilization()).isZero();
  }

  @Test
  void refusesWhatFindsTheQueueFull() {
    Trial trial = Trial.of(capacity(1, 2, 1000), ONE_MILLI_PER_TOKEN);
    for (int i = 0; i < 3; i++) {
      assertThat(trial.submit(job(prompt(i, 50), 5)).submission)
          .isInstanceOf(Submission.Accepted.class);
    }

    Trial.Outcome refused = trial.submit(job(prompt(9, 50), 5));

    assertThat(refused.submission).isEqualTo(Refusal.QUEUE_FULL);
    trial.time.run();
    assertThat(refused.reason).isNull();
    assertThat(refused.tokensAtNanos).isEmpty();
  }

  @Test
  void startsInOrderOfArrival() {
    Trial trial = Trial.of(capacity(1, 10, 1000), ONE_MILLI_PER_TOKEN);
    List<Trial.Outcome> outcomes =
        List.of(
            trial.submit(job(prompt(1, 50), 3)),
            trial.submit(job(prompt(2, 50), 1)),
            trial.submit(job(prompt(3, 50), 1)));

    trial.time.run();

    assertThat(outcomes)
        .extracting(outcome -> outcome.tokensAtNanos.getFirst())
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  void letsAPromptWaitForRoomInTheCache() {
    Trial trial = Trial.of(capacity(5, 10, 10), ONE_MILLI_PER_TOKEN);
    trial.submit(job(prompt(1, 96), 5));

    Trial.Outcome large = trial.submit(job(prompt(2, 96), 1));
    Trial.Outcome small = trial.submit(job(prompt(3, 16), 1));

    assertThat(trial.engine.waiting()).as("the small one does not overtake").isEqualTo(2);
    trial.time.run();
    assertThat(large.reason).isEqualTo(FinishReason.STOP);
    assertThat(small.reason).isEqualTo(FinishReason.STOP);
  }

  @Test
  void refusesAPromptThatNoEmptyCacheCouldHold() {
    Trial trial = Trial.of(capacity(5, 10, 10), ONE_MILLI_PER_TOKEN);

    assertThat(trial.submit(job(prompt(1, 176), 5)).submission).isEqualTo(Refusal.EXCEEDS_CACHE);
  }

  @Test
  void givesTheSlotOfAnAbortedSequenceToTheNext() {
    Trial trial = Trial.of(capacity(1, 10, 1000), ONE_MILLI_PER_TOKEN);
    Trial.Outcome first = trial.submit(job(prompt(1, 50), 1000));
    Trial.Outcome second = trial.submit(job(prompt(2, 50), 1));
    Trial.Outcome third = trial.submit(job(prompt(3, 50), 1));
    trial.time.runFor(Duration.ofMillis(10).toNanos());

    trial.engine.abort(second.sequence());
    trial.engine.abort(first.sequence());
    trial.engine.abort(first.sequence());
    trial.time.run();

    assertThat(first.tokensAtNanos).hasSizeBetween(1, 11);
    assertThat(first.reason).isNull();
    assertThat(second.tokensAtNanos).isEmpty();
    assertThat(third.reason).isEqualTo(FinishReason.STOP);
    assertThat(trial.engine.running()).isZero();
    assertThat(trial.trace).filteredOn(line -> line.endsWith("abort")).hasSize(1);
  }

  @Test
  void letsOthersOvertakeAnAdapterWithoutASlot() {
    Trial trial = Trial.of(capacity(5, 10, 1000), ONE_MILLI_PER_TOKEN);
    trial.submit(adapterJob("a"));
    Trial.Outcome waiting = trial.submit(adapterJob("b"));
    Trial.Outcome base = trial.submit(job(prompt(7, 20), 1));

    assertThat(trial.engine.runningAdapters()).containsExactly("a");
    assertThat(trial.engine.waitingAdapters()).containsExactly("b");
    assertThat(trial.engine.running()).isEqualTo(2);
    trial.time.run();
    assertThat(base.tokensAtNanos.getFirst()).isLessThan(waiting.tokensAtNanos.getFirst());
    assertThat(waiting.reason).isEqualTo(FinishReason.STOP);
    assertThat(trial.engine.runningAdapters()).isEmpty();
  }

  @RepeatedTest(5)
  void doesTheSameAgainWithTheSameSeed(RepetitionInfo round) {
    long seed = round.getCurrentRepetition();

    List<String> once = traceOfRandomWork(seed);

    assertThat(once).hasSizeGreaterThan(500).isEqualTo(traceOfRandomWork(seed));
    assertThat(once).isNotEqualTo(traceOfRandomWork(seed + 1));
  }

  private static List<String> traceOfRandomWork(long seed) {
    Random random = new Random(seed);
    Latencies jittering =
        new Latencies(
            new Delay(Duration.ofMillis(20), Duration.ofMillis(5)),
            new Delay(Duration.ofMillis(2), Duration.ofNanos(500_000)),
            Delay.NONE,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            2,
            Latencies.Calculator.EITHER,
            false);
    BatchCosts costs =
        seed % 2 == 0
            ? null
            : new BatchCosts(
                Duration.ofMillis(5), Duration.ofNanos(50_000), Duration.ofNanos(200_000), 64);
    Trial trial = new Trial(capacity(4, 8, 64), jittering, costs, seed);
    for (int i = 0; i < 100; i++) {
      trial.submit(job(prompt(random.nextInt(10), 1 + random.nextInt(300)), random.nextInt(20)));
      trial.time.runFor(random.nextInt(100_000_000));
    }
    trial.time.run();
    return trial.trace;
  }
}
