package ai.llmd.epp.acceptance.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Load;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A server that computes prompts dies, or hangs, under load: no client notices. But for one test,
 * the picker does not look at health: else it may avoid the server before a sidecar meets it.
 */
class PrefillLossIT {

  private static final String FALLBACK = "--prefill-fallback-timeout=1s";

  @ParameterizedTest
  @EnumSource(names = {"NIXL", "MORI_SERIAL", "SHARED_STORAGE"})
  void noRequestFailsWhenItIsKilled(Wiring wiring) throws Exception {
    try (Disaggregation all = Disaggregation.startWithoutHealth(wiring, 2, FALLBACK);
        Load load = load(all)) {
      load.awaitMore(30);
      all.prefill(0).close();
      await().until(() -> all.fallbacks("unreachable") > 0);
      load.awaitMore(30);

      assertAllAnswered(load);
    }
  }

  @Test
  void noRequestFailsWhenThePickerNoticesToo() throws Exception {
    try (Disaggregation all = Disaggregation.start(Wiring.NIXL, 2, FALLBACK);
        Load load = load(all)) {
      load.awaitMore(30);
      all.prefill(0).close();
      load.awaitMore(60);

      assertAllAnswered(load);
    }
  }

  @Test
  void noRequestFailsWhenItHangs() throws Exception {
    try (Disaggregation all = Disaggregation.startWithoutHealth(Wiring.NIXL, 2, FALLBACK);
        Load load = load(all)) {
      load.awaitMore(30);
      all.prefill(0).hang();
      await().until(() -> all.fallbacks("timeout") > 0);
      load.awaitMore(30);
      all.prefill(0).resume();
      load.awaitMore(30);

      assertAllAnswered(load);
      assertThat(all.decoded("/kv_transfers/wrong")).isZero();
    }
  }

  private static Load load(Disaggregation all) {
    return Load.on(all.gateway(), 4, number -> Prompt.about("matter " + number, "What of it?"));
  }

  private static void assertAllAnswered(Load load) {
    load.close();
    assertThat(load.repliesFrom(0)).extracting(Reply::status).containsOnly(200);
  }
}
