package ai.llmd.epp.acceptance.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every connector from a client to both engines and back. */
class ConnectorsIT {

  @ParameterizedTest
  @EnumSource
  void aLongPromptIsComputedElsewhereAndItsBlocksArrive(Wiring wiring) throws Exception {
    try (Disaggregation all = Disaggregation.start(wiring, 1)) {
      Reply whole = all.gateway().chat(Prompt.about("one thing", "What is it?"));

      assertThat(whole.status()).as(whole.body()).isEqualTo(200);
      assertThat(whole.servedBy()).isIn(all.decodePorts());
      assertThat(whole.json().at("/usage/completion_tokens").asInt()).isEqualTo(4);
      assertThat(all.promptsAsked()).isEqualTo(1);

      all.gateway().stream(Prompt.about("another thing", "What is it?")).assertComplete(4);
      assertThat(all.promptsAsked()).isEqualTo(2);
      if (wiring.hasTransfers()) {
        assertThat(all.decoded("/kv_transfers/received")).isEqualTo(2);
      }

      Reply brief = all.gateway().chat(Prompt.plain("Short.", 3));
      assertThat(brief.status()).isEqualTo(200);
      assertThat(all.promptsAsked()).isEqualTo(2);
    }
  }
}
