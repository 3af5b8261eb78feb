package ai.llmd.epp.simulator.engine;

import static ai.llmd.epp.simulator.engine.Trial.BLOCK;
import static ai.llmd.epp.simulator.engine.Trial.capacity;
import static ai.llmd.epp.simulator.engine.Trial.job;
import static ai.llmd.epp.simulator.engine.Trial.perToken;
import static ai.llmd.epp.simulator.engine.Trial.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixReuseTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 32, 33, 1000})
  void findsAllWholeBlocksOfARepeatedPromptButItsLastToken(int tokens) {
    Trial trial = Trial.of(capacity(2, 10, 100), Latencies.ZERO);

    assertThat(trial.complete(job(prompt(1, tokens), 3)).cachedTokens).isZero();
    assertThat(trial.complete(job(prompt(1, tokens), 3)).cachedTokens)
        .isEqualTo((tokens - 1) / BLOCK * BLOCK);
  }

  @Test
  void findsACommonBeginning() {
    Trial trial = Trial.of(capacity(2, 10, 100), Latencies.ZERO);
    int[] other = prompt(1, 100);
    other[70] = -7;

    trial.complete(job(prompt(1, 100), 1));

    assertThat(trial.complete(job(other, 1)).cachedTokens).isEqualTo(64);
  }

  @Test
  void missesAlwaysWhenTwoPromptsAlternateInACacheForOne() {
    Trial trial = Trial.of(capacity(2, 10, 15), Latencies.ZERO);

    for (int round = 0; round < 5; round++) {
      assertThat(trial.complete(job(prompt(1, 240), 1)).cachedTokens).as("A").isZero();
      assertThat(trial.complete(job(prompt(2, 240), 1)).cachedTokens).as("B").isZero();
    }
  }

  @Test
  void findsOfAnAlternatingPromptOnlyWhatTheOtherLeftRoomFor() {
    Trial trial = Trial.of(capacity(2, 10, 20), Latencies.ZERO);
    trial.complete(job(prompt(1, 240), 1));

    for (int round = 0; round < 5; round++) {
      assertThat(trial.complete(job(prompt(2 - round % 2, 240), 1)).cachedTokens)
          .isEqualTo(round == 0 ? 0 : 5 * BLOCK);
    }
  }

  @Test
  void evictsTheEndOfAChainBeforeItsBeginning() {
    Trial trial = Trial.of(capacity(2, 10, 12), Latencies.ZERO);

    trial.complete(job(prompt(1, 10 * BLOCK), 1));
    trial.complete(job(prompt(2, 6 * BLOCK), 1)); // four of the first ten have to go

    assertThat(trial.complete(job(prompt(1, 10 * BLOCK), 1)).cachedTokens).isEqualTo(6 * BLOCK);
  }

  @Test
  void keepsModelsApart() {
    Trial trial = Trial.of(capacity(2, 10, 100), Latencies.ZERO);
    Job other = new Job("other", null, prompt(1, 100), prompt(9, 1), FinishReason.STOP, false, 0);

    trial.complete(job(prompt(1, 100), 1));

    assertThat(trial.complete(other).cachedTokens).isZero();
  }

  @Test
  void keepsGeneratedTokensWhenAskedTo() {
    Capacity capacity = new Capacity(2, 10, 1, 100, BLOCK, true, true, 0);
    Trial trial = Trial.of(capacity, Latencies.ZERO);
    int[] first = prompt(1, 40);
    int[] answer = prompt(5, 40);
    int[] secondTurn = Arrays.copyOf(first, 120);
    System.arraycopy(answer, 0, secondTurn, 40, 40);

    trial.complete(new Job("m", null, first, answer, FinishReason.STOP, false, 0));

    assertThat(trial.complete(job(secondTurn, 1)).cachedTokens).isEqualTo(80);
  }

  @Test
  void findsNothingWhenTheCacheIsOff() {
    Trial trial = Trial.of(new Capacity(2, 10, 1, 100, BLOCK, false, false, 0), Latencies.ZERO);

    trial.complete(job(prompt(1, 100), 1));

    assertThat(trial.complete(job(prompt(1, 100), 1)).cachedTokens).isZero();
    assertThat(trial.engine.cacheUtilization()).isZero();
  }

  @Test
  void answersSoonerInProportionToWhatIsCached() {
    Duration perToken = Duration.ofNanos(10_000);
    for (int shared = 0; shared <= 64; shared++) {
      Trial trial = Trial.of(capacity(2, 10, 1000), perToken(perToken, Duration.ofMillis(1)));
      int[] warm = prompt(1, 65 * BLOCK);
      int[] asked = prompt(2, 65 * BLOCK);
      System.arraycopy(warm, 0, asked, 0, shared * BLOCK);

      trial.complete(job(warm, 1));
      Trial.Outcome outcome = trial.complete(job(asked, 1));

      assertThat(outcome.cachedTokens).isEqualTo(shared * BLOCK);
      assertThat(outcome.firstTokenNanos()).isEqualTo((65L - shared) * BLOCK * perToken.toNanos());
    }
  }

  @Test
  void endsAtOnceWhenLessIsCachedThanTheRequestDemands() {
    Trial trial = Trial.of(capacity(2, 10, 100), Latencies.ZERO);
    Job demanding = new Job("m", null, prompt(1, 100), prompt(2, 5), FinishReason.STOP, false, 0.5);

    Trial.Outcome cold = trial.complete(demanding);
    Trial.Outcome warm = trial.complete(demanding);

    assertThat(cold.reason).isEqualTo(FinishReason.CACHE_THRESHOLD);
    assertThat(cold.tokensAtNanos).isEmpty();
    assertThat(warm.reason).isEqualTo(FinishReason.STOP);
    assertThat(warm.tokensAtNanos).hasSize(5);
    assertThat(trial.engine.running()).isZero();
  }
}
