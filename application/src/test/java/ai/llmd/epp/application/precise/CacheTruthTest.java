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
    assertThat(truth.now()).isEqualTo(new KvCacheTruth(4, 0, 0, 0, Cause.NONE));
  }

  @Test
  void countsEachDisagreement() {
    compare(64, 0, 1);
    compare(0, 64, 2);
    truth.compare(0, PROMPT + 1, BLOCK, new Usage(PROMPT, 1, PROMPT + 1, 0));
    assertThat(truth.now()).isEqualTo(new KvCacheTruth(0, 1, 2, 1, Cause.NONE));
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
    for (int i = 0; i < 40; i++) {
      truth.compare(0, PROMPT - 1, BLOCK, new Usage(PROMPT, 1, PROMPT + 1, 0));
    }
    assertThat(truth.now().cause()).isEqualTo(Cause.TOKENS);
  }

  @Test
  void suspectsNothingBeforeEnoughWereCompared() {
    compare(64, 0, 15);
    assertThat(truth.now().cause()).isEqualTo(Cause.NONE);
  }

  private void compare(long predicted, long reported, int times) {
    for (int i = 0; i < times; i++) {
      truth.compare(predicted, PROMPT, BLOCK, new Usage(PROMPT, 1, PROMPT + 1, reported));
    }
  }
}
