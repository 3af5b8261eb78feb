package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Stack;
import org.junit.jupiter.api.Test;

/** The picker serves TLS with a certificate of its own making, which is its default. */
class TlsIT {

  @Test
  void routesOverTls() throws Exception {
    try (Stack stack = Stack.empty("tls", true)) {
      stack.startSimulator(2, "2ms");
      stack.startEpp();
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();

      assertThat(gateway.chat(Prompt.plain("Is this private?", 3)).status()).isEqualTo(200);
      gateway.stream(Prompt.plain("Tell me all.", 30)).assertComplete(30);
    }
  }
}
