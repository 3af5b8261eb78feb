package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.OpenStream;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Stack;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The picker is asked to end while responses are streaming. */
class PickerDrainIT {

  private static final int ANSWER_TOKENS = 200; // four seconds

  @ParameterizedTest
  @EnumSource
  void endsWhenTheOpenStreamsAreFinished(EnvoyMode mode) throws Exception {
    try (Stack stack = Stack.empty("drain-" + mode, false)) {
      stack.startSimulator(3, "20ms");
      EppProcess epp = stack.startEpp();
      EnvoyProcess envoy = stack.startEnvoy(mode);
      List<OpenStream> open =
          IntStream.range(0, 8)
              .mapToObj(
                  i -> envoy.gateway().stream(Prompt.plain("Take your time, " + i, ANSWER_TOKENS)))
              .toList();
      open.forEach(OpenStream::awaitFirstToken);
      long bypassed = envoy.bypassedPicker();

      epp.terminate();

      assertThat(open).as("the signal came in mid-response").noneMatch(OpenStream::isOver);
      open.forEach(stream -> stream.assertComplete(ANSWER_TOKENS));
      epp.awaitEnd(Duration.ofSeconds(20));
      assertThat(envoy.bypassedPicker())
          .as("the picker followed them to their end")
          .isEqualTo(bypassed);
    }
  }
}
