package ai.llmd.epp.adapter.extproc.server;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseHeaders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.StreamLimits;
import ai.llmd.epp.adapter.extproc.TestPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.RawGateway;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Requests that do not go on end; responses take as long as they take. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(60)
class SlowGatewaysTest {

  private static final int STREAMS = 5;
  private static final int RESETS = 50;

  private final TestPicker picker =
      TestPicker.start(
          new ExtProcServer.Settings(
              0,
              4 << 20,
              null,
              false,
              NetworkLimits.DEFAULT,
              new ConnectionLimits(STREAMS, RESETS, Duration.ofSeconds(3), Duration.ofSeconds(4))),
          TestPicker.withLimits(StreamLimits.DEFAULT));

  @AfterEach
  void stop() {
    picker.close();
  }

  private void assertGivenUp(Dialogue dialogue) {
    ImmediateResponse refused = dialogue.next().getImmediateResponse();
    assertThat(refused.getStatus().getCodeValue()).isEqualTo(408);
    assertThat(dialogue.end().getCode()).isEqualTo(Code.OK);
    await().until(() -> picker.server.openStreams() == 0);
    assertThat(picker.server.bufferedBytes()).isZero();
    assertThat(picker.server.givenUp()).containsEntry("slow", 1L);
  }

  @Test
  void aStreamWithoutAMessageIsGivenUp() {
    assertGivenUp(picker.open());
  }

  @Test
  void aRequestWhoseBodyDoesNotComeIsGivenUp() {
    assertGivenUp(picker.open().send(requestHeaders(false)));
  }

  @Test
  void aRequestWhoseBodyStopsIsGivenUp() {
    assertGivenUp(picker.open().send(requestHeaders(false)).send(requestBody("{\"model\"", false)));
  }

  @Test
  void onlyARequestHasToGoOn() {
    Dialogue answered = picker.open().send(requestHeaders(false, ":path", "/tokenize"));
    answered.send(requestBody("text", true));
    assertThat(answered.next().hasRequestHeaders()).isTrue();
    assertThat(answered.next().hasRequestBody()).isTrue();
    Dialogue responding = picker.open().send(responseHeaders(false, ":status", "200"));
    assertThat(responding.next().hasResponseHeaders()).isTrue();
    for (int i = 0; i < 2; i++) { // longer than any limit
      assertThat(picker.open().next().getImmediateResponse().getStatus().getCodeValue())
          .isEqualTo(408);
    }

    answered.send(responseHeaders(true, ":status", "200"));
    assertThat(answered.next().hasResponseHeaders()).isTrue();
    assertThat(responding.halfClose().end().getCode()).isEqualTo(Code.OK);
    assertThat(picker.server.givenUp()).containsEntry("slow", 2L);
  }

  @Test
  void anAnswerThatIsNotTakenIsGivenUp() {
    byte[] piece =
        RawGateway.message(requestBody(ByteString.copyFrom(new byte[60_000]), false).toByteArray());
    try (RawGateway unread = RawGateway.connect(picker.server.port(), false)) {
      int stream = unread.open();
      unread.send(
          stream, RawGateway.message(requestHeaders(false, ":path", "/tokenize").toByteArray()));
      for (int i = 0; i < 5; i++) {
        unread.send(stream, piece);
      }
      unread.send(stream, RawGateway.message(requestBody("", true).toByteArray()));
      await().until(() -> picker.server.bufferedBytes() > 200_000);

      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  picker
                      .server
                      .givenUp()
                      .equals(Map.of("slow", 0L, "unread", 1L, "memory", 0L, "resets", 0L)));
      assertThat(picker.server.bufferedBytes()).isZero();
    }
  }

  @Test
  void aConnectionHasSoManyStreams() {
    try (RawGateway greedy = RawGateway.connect(picker.server.port());
        RawGateway other = RawGateway.connect(picker.server.port())) {
      List<Integer> streams = new ArrayList<>();
      for (int i = 0; i <= STREAMS; i++) {
        streams.add(greedy.open());
      }
      await().until(() -> greedy.isReset(streams.getLast()));
      assertThat(greedy.isReset(streams.getFirst())).isFalse();
      assertThat(other.isReset(other.open())).isFalse();
    }
  }

  @Test
  void aConnectionThatResetsTooManyStreamsEnds() {
    try (RawGateway rapid = RawGateway.connect(picker.server.port())) {
      for (int i = 0; i <= RESETS + 1; i++) {
        rapid.reset(rapid.open());
      }
      await().until(rapid::isOver);
      await().until(() -> picker.server.openStreams() == 0);
      assertThat(picker.server.givenUp()).containsEntry("resets", 1L);
    }
  }
}
