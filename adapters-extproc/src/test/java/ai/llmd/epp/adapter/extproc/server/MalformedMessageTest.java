package ai.llmd.epp.adapter.extproc.server;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.TestPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.transport.MinuteReports;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A message that breaks the protocol costs its own stream and leaves nothing behind. */
class MalformedMessageTest {

  private static final byte[] CUT_OFF = {0x0a, 0x7f};
  private static final byte[] BROKEN_METADATA = {0x42, 0x02, 0x0a, 0x7f};

  private static CompletableFuture<Status> send(TestPicker picker, byte[]... messages) {
    return RawCall.send(picker.channel, CallOptions.DEFAULT, messages);
  }

  private static byte[] headers() {
    return requestHeaders(false, "x-request-id", "1").toByteArray();
  }

  private static byte[] body() {
    return requestBody("{\"model\":\"m\",\"prompt\":\"x\"}", true).toByteArray();
  }

  @Test
  void leavesNothingBehind() {
    try (TestPicker picker = TestPicker.start()) {
      Status end = send(picker, headers(), body(), CUT_OFF).join();

      assertThat(end.getCode()).isEqualTo(Code.INTERNAL);
      await().untilAsserted(() -> assertThat(picker.server.openStreams()).isZero());
      assertThat(picker.routing.routes).hasSize(1);
      assertThat(picker.routing.routes.getFirst().ends).hasSize(1);
      assertThat(picker.server.bufferedBytes()).isZero();
    }
  }

  /** What follows a message that cannot be read was once answered, on a call that was closed. */
  @Test
  void otherStreamsOfTheConnectionGoOn() {
    try (TestPicker picker = TestPicker.start()) {
      Dialogue bystander = picker.open().send(requestHeaders(false, ":path", "/tokenize"));
      for (int i = 0; i < 50; i++) {
        byte[] broken = i % 2 == 0 ? CUT_OFF : BROKEN_METADATA;
        CompletableFuture<Status> first = send(picker, broken, headers(), body());
        CompletableFuture<Status> later = send(picker, headers(), broken, body(), broken, body());
        assertThat(first.join().getCode()).isEqualTo(Code.INTERNAL);
        assertThat(later.join().getCode()).isEqualTo(Code.INTERNAL);
      }
      assertThat(picker.routing.routes).isEmpty();

      bystander.send(requestBody("x", true));
      assertThat(bystander.next().hasRequestHeaders()).isTrue();
      assertThat(bystander.next().hasRequestBody()).isTrue();
      assertThat(bystander.halfClose().end().getCode()).isEqualTo(Code.OK);
      await().untilAsserted(() -> assertThat(picker.server.openStreams()).isZero());
      assertThat(picker.exchanges.events).filteredOn("streamEnded Internal"::equals).hasSize(100);
    }
  }

  @Test
  void writesOneLineAMinute() {
    List<Long> lines = new ArrayList<>();
    AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // the clock may wrap
    MinuteReports messages = new MinuteReports(now::get, lines::add);
    for (int i = 0; i < 1000; i++) {
      messages.add();
    }
    now.addAndGet(60_000_000_000L);
    messages.add();

    assertThat(lines).containsExactly(1L, 1000L);
  }
}
