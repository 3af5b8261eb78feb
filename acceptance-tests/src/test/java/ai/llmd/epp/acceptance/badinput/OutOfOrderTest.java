package ai.llmd.epp.acceptance.badinput;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Messages that no gateway should send in this order. */
class OutOfOrderTest {

  private static final String BODY = completion("m", "out of order");

  private static final ModelServer SERVER = ModelServer.loaded("pod-0", 0, 0.1);
  private static RunningPicker picker;

  @BeforeAll
  static void start() {
    picker =
        RunningPicker.start(
            RunningPicker.configuration("queue-scorer", "active-request-scorer"), List.of(SERVER));
  }

  @AfterAll
  static void stop() {
    picker.close();
    SERVER.close();
  }

  /** Also nothing counts as running that is over. */
  @AfterEach
  void theNextRequestWorksAndNothingIsHeld() {
    assertThat(Asking.route(picker, Map.of(), completion("m", "next")).destination())
        .isEqualTo(SERVER.hostPort());
    picker.awaitNothingBuffered();
    picker.awaitSum("llm_d_epp_request_running", 0);
  }

  private static Dialogue send(ProcessingRequest... messages) {
    Dialogue dialogue = Dialogue.open(picker.channel());
    for (ProcessingRequest message : messages) {
      dialogue.send(message);
    }
    return dialogue;
  }

  @Test
  void aResponseBeforeItsRequestIsFollowed() {
    Dialogue dialogue =
        send(
            Messages.responseHeaders(false, ":status", "200"),
            Messages.requestHeaders(false, "x-request-id", "late"),
            Messages.requestBody(BODY, true));

    assertThat(dialogue.next().hasResponseHeaders()).isTrue();
    assertThat(dialogue.halfClose().end().isOk()).isTrue();
  }

  @Test
  void aResponseInTheMiddleOfARequestGivesUpTheRequest() {
    Dialogue dialogue =
        send(
            Messages.requestHeaders(false, "x-request-id", "early-answer"),
            Messages.requestBody(BODY.substring(0, 10), false),
            Messages.responseHeaders(true, ":status", "413"),
            Messages.requestBody(BODY.substring(10), true));

    assertThat(dialogue.next().hasResponseHeaders()).isTrue();
    assertThat(dialogue.halfClose().end().isOk()).isTrue();
  }

  @Test
  void aSecondHeaderMessageChangesNothing() {
    Dialogue dialogue =
        send(
            Messages.requestHeaders(false, "x-request-id", "first"),
            Messages.requestHeaders(false, "x-request-id", "second"),
            Messages.requestBody(BODY, true));

    assertThat(Asking.routed(dialogue).headers()).containsEntry("x-request-id", "first");
    assertThat(dialogue.halfClose().end().isOk()).isTrue();
  }

  @Test
  void aBodyAfterItsEndIsIgnored() {
    Dialogue dialogue =
        send(
            Messages.requestHeaders(false, "x-request-id", "twice"),
            Messages.requestBody(BODY, true),
            Messages.requestBody(BODY, true),
            Messages.requestBody("more", false));

    assertThat(Asking.routed(dialogue).destination()).isEqualTo(SERVER.hostPort());
    assertThat(dialogue.halfClose().end().isOk()).isTrue();
  }

  @Test
  void aBodyWithoutHeadersIsRouted() {
    Dialogue dialogue = send(Messages.requestBody(BODY, true));

    assertThat(Asking.routed(dialogue).destination()).isEqualTo(SERVER.hostPort());
    assertThat(dialogue.halfClose().end().isOk()).isTrue();
  }

  @Test
  void aStreamWithoutAMessageEndsWell() {
    assertThat(send().halfClose().end().isOk()).isTrue();
    assertThat(send(ProcessingRequest.getDefaultInstance()).halfClose().end().isOk()).isTrue();
  }

  @RepeatedTest(40)
  void anyMessagesInAnyOrderEndTheStreamOnce(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition()); // the repetition number is the seed
    List<ProcessingRequest> messages =
        new ArrayList<>(
            List.of(
                Messages.requestHeaders(random.nextBoolean(), "x-request-id", "any"),
                Messages.requestHeaders(random.nextBoolean(), ":path", "/v1/models"),
                Messages.requestBody(BODY, random.nextBoolean()),
                Messages.requestBody("{", random.nextBoolean()),
                Messages.requestTrailers(),
                Messages.responseHeaders(random.nextBoolean(), ":status", "200"),
                Messages.responseBody("data: x\n\n", random.nextBoolean()),
                Messages.responseTrailers(),
                ProcessingRequest.getDefaultInstance()));
    Collections.shuffle(messages, random);
    int sent = 1 + random.nextInt(messages.size());

    Dialogue dialogue = send(messages.subList(0, sent).toArray(ProcessingRequest[]::new));

    assertThat(dialogue.halfClose().endDespiteAnswers().isOk()).isTrue();
  }
}
