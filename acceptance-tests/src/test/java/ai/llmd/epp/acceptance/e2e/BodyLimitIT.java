package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.Stack;
import org.junit.jupiter.api.Test;

/** The mode that buffers bodies refuses bodies that are too large. */
class BodyLimitIT {

  private static final int LIMIT_BYTES = 33_554_432; // in deploy/envoy/resilient.yaml

  @Test
  void refusesABodyAboveTheBufferLimitAndServesTheNextRequest() throws Exception {
    try (Stack stack = Stack.empty("body-limit", false)) {
      stack.startSimulator(1, "2ms");
      stack.startEpp();
      Client gateway = stack.startEnvoy(EnvoyMode.RESILIENT).gateway();

      Reply tooLarge = gateway.chat(Prompt.plain("x".repeat(LIMIT_BYTES), 1));

      assertThat(tooLarge.status()).isEqualTo(413);
      assertThat(tooLarge.servedBy()).as("no model server was asked").isZero();
      assertThat(gateway.chat(Prompt.plain("Shorter?", 1)).status()).isEqualTo(200);
    }
  }
}
