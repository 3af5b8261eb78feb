package ai.llmd.epp.acceptance.cases;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Stack;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A body that is announced as too large is refused while the client has sent none of it. */
class EarlyRefusalIT {

  private static final int LIMIT_BYTES = 64 << 20; // --max-request-body-size

  @ParameterizedTest
  @EnumSource(EnvoyMode.class)
  void theHeadersAreAnswered(EnvoyMode mode) throws Exception {
    try (Stack stack = Stack.empty("early-refusal-" + mode, false)) {
      stack.startSimulator(1, "2ms");
      EppProcess epp = stack.startEpp();
      int port = stack.startEnvoy(mode).gateway().port();
      try (RawConnection client = RawConnection.to(port)) {
        String head = client.send(post(LIMIT_BYTES + 1)).head();
        assertThat(head).startsWith("HTTP/1.1 413 ");
      }
      assertThat(epp.metric("llm_d_epp_buffered_body_bytes")).isZero();
      try (RawConnection client = RawConnection.to(port)) {
        String body = Prompt.plain("Shorter?", 1).chat();
        RawReply reply = client.send(post(body.length()) + body).reply();
        assertThat(reply.head()).startsWith("HTTP/1.1 200 ");
      }
    }
  }

  private static String post(int contentLength) {
    return "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\n"
        + "content-type: application/json\r\ncontent-length: "
        + contentLength
        + "\r\n\r\n";
  }
}
