package ai.llmd.epp.acceptance.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Open streams last as long as the drain timeout, behind the time in which gateways notice. */
class DrainTest {

  private static final Duration DRAIN = Duration.ofSeconds(4);

  /** Longer than the timeout alone, shorter than it and the three seconds before. */
  private static final Duration RESPONSE = Duration.ofSeconds(5);

  @Test
  void openStreamsLastForTheDrainTimeoutBehindTheNotice() throws Exception {
    try (ModelServer server = ModelServer.loaded("pod", 0, 0.1);
        RunningPicker picker =
            RunningPicker.start(
                RunningPicker.configuration(List.of(), "queue-scorer"),
                List.of(server),
                "--drain-timeout=" + DRAIN.toSeconds() + "s")) {
      Dialogue dialogue = Dialogue.open(picker.channel());
      dialogue.send(Asking.headers(false, Map.of(":path", "/v1/completions")));
      dialogue.send(Messages.requestBody(Asking.completion("m", "hello"), true));
      Asking.routed(dialogue);

      Thread drain = Thread.ofPlatform().start(picker::drain);
      boolean hasEnded = drain.join(RESPONSE);
      dialogue.send(Messages.responseHeaders(true, ":status", "200"));

      assertThat(hasEnded).isFalse();
      assertThat(dialogue.next().hasResponseHeaders()).isTrue();
      assertThat(dialogue.halfClose().end().getCode()).isEqualTo(Code.OK);
      drain.join(TimeUnit.SECONDS.toMillis(10));
      assertThat(drain.isAlive()).isFalse();
    }
  }
}
