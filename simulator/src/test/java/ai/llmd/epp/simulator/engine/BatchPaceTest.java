package ai.llmd.epp.simulator.engine;

import static ai.llmd.epp.simulator.engine.Trial.capacity;
import static ai.llmd.epp.simulator.engine.Trial.job;
import static ai.llmd.epp.simulator.engine.Trial.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BatchPaceTest {

  private static final long ITERATION = 5_000_000;
  private static final long PREFILL_TOKEN = 50_000;
  private static final long DECODER = 200_000;

  @Test
  void computesAPromptThenOneTokenPerIteration() {
    Trial trial = Trial.batching(capacity(4, 10, 1000));

    Trial.Outcome outcome = trial.complete(job(prompt(1, 100), 3));

    long first = ITERATION + 100 * PREFILL_TOKEN;
    assertThat(outcome.tokensAtNanos)
        .containsExactly(first, first + ITERATION + DECODER, first + 2 * (ITERATION + DECODER));
  }

  @Test
  void cutsALongPromptIntoChunks() {
    Trial trial = Trial.batching(capacity(4, 10, 1000));

    Trial.Outcome outcome = trial.complete(job(prompt(1, 5000), 1));

    assertThat(outcome.firstTokenNanos()).isEqualTo(3 * ITERATION + 5000 * PREFILL_TOKEN);
  }

  @Test
  void slowsDownWhoGeneratesBesideALongPrompt() {
    Trial trial = Trial.batching(capacity(4, 10, 1000));
    Trial.Outcome generating = trial.submit(job(prompt(1, 16), 10));
    trial.time.runFor(30_000_000);

    trial.submit(job(prompt(2, 2000), 1));
    trial.time.run();

    long longestGap = 0;
    for (int i = 1; i < generating.tokensAtNanos.size(); i++) {
      longestGap =
          Math.max(
              longestGap, generating.tokensAtNanos.get(i) - generating.tokensAtNanos.get(i - 1));
    }
    assertThat(generating.tokensAtNanos).hasSize(10);
    assertThat(longestGap).isEqualTo(ITERATION + DECODER + 2000 * PREFILL_TOKEN);
  }

  @Test
  void skipsTheCachedPartOfAPrompt() {
    Trial trial = Trial.batching(capacity(4, 10, 1000));
    trial.complete(job(prompt(1, 1601), 1));

    Trial.Outcome again = trial.complete(job(prompt(1, 1601), 1));

    assertThat(again.cachedTokens).isEqualTo(1600);
    assertThat(again.firstTokenNanos()).isEqualTo(ITERATION + PREFILL_TOKEN);
  }

  @Test
  void waitsForTheTransferOfARemotePrefillAndComputesNothing() {
    Latencies transfer =
        new Latencies(
            Delay.NONE,
            Delay.NONE,
            new Delay(Duration.ofMillis(8), Duration.ZERO),
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            1,
            Latencies.Calculator.EITHER,
            false);
    BatchCosts costs =
        new BatchCosts(
            Duration.ofNanos(ITERATION),
            Duration.ofNanos(PREFILL_TOKEN),
            Duration.ofNanos(DECODER),
            2048);
    Trial trial = new Trial(capacity(4, 10, 1000), transfer, costs, 1);

    Trial.Outcome outcome =
        trial.complete(
            new Job("m", null, prompt(1, 1000), prompt(2, 1), FinishReason.STOP, true, 0));

    assertThat(outcome.firstTokenNanos()).isEqualTo(8_000_000 + ITERATION);
  }

  @Test
  void goesOnWhenASequenceIsAbortedDuringAnIteration() {
    Trial trial = Trial.batching(capacity(4, 10, 1000));
    Trial.Outcome aborted = trial.submit(job(prompt(1, 100), 100));
    Trial.Outcome other = trial.submit(job(prompt(2, 100), 5));
    trial.time.runFor(25_000_000);

    trial.engine.abort(aborted.sequence());
    int tokens = aborted.tokensAtNanos.size();
    trial.time.run();

    assertThat(aborted.tokensAtNanos).hasSize(tokens);
    assertThat(other.reason).isEqualTo(FinishReason.STOP);
    assertThat(other.tokensAtNanos).hasSize(5);
  }
}
