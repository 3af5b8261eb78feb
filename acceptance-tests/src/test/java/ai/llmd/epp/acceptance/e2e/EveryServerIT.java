package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.Stack;
import ai.llmd.epp.bootstrap.Checkout;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each server of ext_proc, with a real Envoy before it in each of its modes. */
class EveryServerIT {

  static List<Arguments> everyMode() {
    return Stream.of(EnvoyMode.values())
        .flatMap(mode -> Stream.of("lean", "grpc-java").map(server -> arguments(server, mode)))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("everyMode")
  void servesEveryModeOfEnvoy(String server, EnvoyMode mode) throws Exception {
    String configuration = Files.readString(Checkout.file("deploy/epp/config.yaml"));
    try (Stack stack = Stack.empty(server + "-" + mode, false)) {
      stack.startSimulator(2, "1ms");
      EppProcess epp = stack.startEpp(configuration, List.of("--grpc-server=" + server));
      EnvoyProcess envoy = stack.startEnvoy(mode);

      assertThat(envoy.gateway().chat(Prompt.plain("How are you?", 7)).status()).isEqualTo(200);
      envoy.gateway().stream(Prompt.plain("Count with me.", 300)).assertComplete(300);
      Reply large = envoy.gateway().chat(Prompt.plain("word ".repeat(400_000), 2));
      assertThat(large.promptTokens()).isGreaterThan(300_000);
      assertThat(envoy.gateway().get("/v1/models").status()).isEqualTo(200);
      assertThat(envoy.gateway().post("/v1/chat/completions", "no json").status()).isEqualTo(400);
      IntStream.range(0, 100)
          .parallel()
          .forEach(
              i ->
                  assertThat(envoy.gateway().chat(Prompt.about("tides", "Question " + i)).status())
                      .isEqualTo(200));
      assertThat(epp.metric("llm_d_epp_scheduler_attempts_total")).isGreaterThanOrEqualTo(100);
      if (mode != EnvoyMode.RESILIENT) { // which waits two seconds at most, for a cold picker too
        assertThat(envoy.bypassedPicker()).isZero();
      }
    }
  }
}
