package ai.llmd.epp.application.precise;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth;
import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth.Cause;
import ai.llmd.epp.domain.routing.Usage;
import org.junit.jupiter.api.Test;

class CacheTruthTest {

  private static final int BLOCK = 16;
  private static final int PROMPT = 160;

  private final CacheTruth truth = new CacheTruth();

  @Test
  void agreesWithinABlockAndWhereTheLastTokenIsComputedAnew() {
    compare(32, 48, 1);
    compare(64, 48, 1);
    compare(PROMPT, PROMPT - BLOCK, 1);
    compare(0, 0, 1);
    assertThat(truth.now()).isEqualTo(new KvCacheTruth(4, 0, 0, 0, true, Cause.NONE));
  }

  @Test
  void countsEachDisagreement() {
    compare(64, 0, 1);
    compare(0, 64, 2);
    truth.compare(0, PROMPT + 1, BLOCK, true, new Usage(PROMPT, 1, PROMPT + 1, 0));
    assertThat(truth.now()).isEqualTo(new KvCacheTruth(0, 1, 2, 1, true, Cause.NONE));
  }

  @Test
  void suspectsWhatMostOfTheLatestResponsesSuggest() {
    compare(64, 0, 16);
    assertThat(truth.now().cause()).isEqualTo(Cause.STALE);
    compare(64, 64, 60);
    assertThat(truth.now().cause()).isEqualTo(Cause.NONE);
    compare(32, 96, 40);
    assertThat(truth.now().cause()).isEqualTo(Cause.INCOMPLETE);
    compare(0, 96, CacheTruth.WINDOW);
    assertThat(truth.now().cause()).isEqualTo(Cause.HASHES);
    otherTokens(true, 40);
    assertThat(truth.now().cause()).isEqualTo(Cause.TEMPLATE);
    otherTokens(false, 1);
    assertThat(truth.now().cause()).isEqualTo(Cause.TOKENS);
  }

  @Test
  void suspectsNothingBeforeEnoughWereCompared() {
    compare(64, 0, 15);
    assertThat(truth.now().cause()).isEqualTo(Cause.NONE);
  }

  @Test
  void distrustsWhatMostlyDisagreesUntilSomeInARowAgree() {
    compare(64, 0, 7);
    assertThat(truth.hasVerdict()).isFalse();
    assertThat(truth.isDoubted()).isTrue();
    assertThat(truth.isDistrusted()).isFalse();
    compare(64, 0, 1);
    assertThat(truth.isDistrusted()).isTrue();
    assertThat(truth.now().isTrusted()).isFalse();
    compare(64, 64, CacheTruth.AGREEING_TO_TRUST - 1);
    compare(64, 0, 1);
    compare(64, 64, CacheTruth.AGREEING_TO_TRUST - 1);
    assertThat(truth.isDistrusted()).isTrue();
    compare(64, 64, 1);
    assertThat(truth.isDistrusted()).isFalse();
    assertThat(truth.isDoubted()).isFalse();
    compare(64, 64, 7);
    compare(64, 0, 7); // what is over does not count again
    assertThat(truth.isDistrusted()).isFalse();
  }

  @Test
  void promptsOfWhichNothingWasCachedProveNothing() {
    compare(0, 64, 8);
    compare(0, 0, 1000);
    assertThat(truth.isDistrusted()).isTrue();
    assertThat(truth.now().agreed()).isEqualTo(1000);
    otherTokens(true, 200);
    assertThat(truth.isDistrusted()).isTrue();
  }

  @Test
  void otherTokensAtTheEndSpoilNoMatch() {
    for (int i = 0; i < 100; i++) {
      truth.compare(96, PROMPT + 3, BLOCK, true, new Usage(PROMPT, 1, PROMPT + 1, 96));
    }
    assertThat(truth.now().cause()).isEqualTo(Cause.TEMPLATE);
    assertThat(truth.isDistrusted()).isFalse();
  }

  private void otherTokens(boolean isTemplated, int times) {
    for (int i = 0; i < times; i++) {
      truth.compare(0, PROMPT - 1, BLOCK, isTemplated, new Usage(PROMPT, 1, PROMPT + 1, 0));
    }
  }

  private void compare(long predicted, long reported, int times) {
    for (int i = 0; i < times; i++) {
      truth.compare(predicted, PROMPT, BLOCK, true, new Usage(PROMPT, 1, PROMPT + 1, reported));
    }
  }
}
