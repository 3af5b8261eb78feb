package ai.llmd.epp.acceptance.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProtocolConfiguration;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A response may take minutes: what waits for its end holds nothing of the request's body. */
class OpenStreamMemoryTest {

  private static final int STREAMS = 64;
  private static final int PROMPT_BYTES = 1 << 20;
  private static final Map<String, String> HEADERS = Map.of(":path", "/v1/completions");

  private final ModelServer server = ModelServer.loaded("pod", 0, 0.1);
  private final RunningPicker picker =
      RunningPicker.start(
          RunningPicker.configuration(
              List.of("openai-parser"), "queue-scorer", "prefix-cache-scorer"),
          List.of(server));

  @AfterEach
  void stop() {
    picker.close();
    server.close();
  }

  @Test
  void holdsNoBodyWhileABufferedRequestIsAnswered() {
    ProcessingRequest headers =
        Asking.headers(false, HEADERS).toBuilder()
            .setProtocolConfig(
                ProtocolConfiguration.newBuilder()
                    .setRequestBodyMode(BodySendMode.BUFFERED)
                    .setResponseBodyMode(BodySendMode.NONE))
            .build();
    assertHoldsNoBody(
        () -> {
          Dialogue dialogue = Dialogue.open(picker.channel()).send(headers);
          assertThat(dialogue.next().hasRequestHeaders()).isTrue();
          dialogue.send(body());
          assertThat(dialogue.next().hasRequestBody()).isTrue();
          dialogue.send(responseHeaders());
          assertThat(dialogue.next().hasResponseHeaders()).isTrue();
          return dialogue;
        });
  }

  @Test
  void holdsNoBodyWhileAStreamedRequestIsAnswered() {
    assertHoldsNoBody(
        () -> {
          Dialogue dialogue = Dialogue.open(picker.channel());
          dialogue.send(Asking.headers(false, HEADERS)).send(body());
          Asking.routed(dialogue);
          dialogue.send(responseHeaders());
          assertThat(dialogue.next().hasResponseHeaders()).isTrue();
          return dialogue;
        });
  }

  /** One prompt for all, so that the prefix index keeps the same few blocks. */
  private static ProcessingRequest body() {
    return Messages.requestBody(Asking.completion("m", "word ".repeat(PROMPT_BYTES / 5)), true);
  }

  private static ProcessingRequest responseHeaders() {
    return Messages.responseHeaders(false, ":status", "200", "content-type", "text/event-stream");
  }

  private interface Opening {
    Dialogue open();
  }

  private static void assertHoldsNoBody(Opening opening) {
    List<Dialogue> open = new ArrayList<>();
    open.add(opening.open()); // what is made once
    long before = usedBytes();
    for (int i = 0; i < STREAMS; i++) {
      open.add(opening.open());
    }
    long most = STREAMS * PROMPT_BYTES / 10;
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(usedBytes() - before).isLessThan(most));
    open.forEach(dialogue -> dialogue.halfClose().endDespiteAnswers());
  }

  private static long usedBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
