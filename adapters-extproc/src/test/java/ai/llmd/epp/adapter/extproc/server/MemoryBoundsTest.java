package ai.llmd.epp.adapter.extproc.server;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseHeaders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.StreamLimits;
import ai.llmd.epp.adapter.extproc.TestPicker;
import ai.llmd.epp.adapter.extproc.dialogue.RawGateway;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a gateway leaves half done holds memory, and that is counted. */
@Timeout(60)
class MemoryBoundsTest {

  private static final int BODY = 768 << 10;
  private static final int PIECE = 32 << 10;
  private static final int HALF = 192 << 10;
  private static final StreamLimits LIMITS = new StreamLimits(4 << 20, 4 << 20, 3 << 20, 1000, 100);
  private static final NetworkLimits NETWORK = new NetworkLimits(256 << 10, 128 << 10);

  private final TestPicker picker =
      TestPicker.start(
          new ExtProcServer.Settings(0, 4 << 20, null, false, NETWORK, ConnectionLimits.DEFAULT),
          TestPicker.withLimits(LIMITS));
  private final List<RawGateway> gateways = new ArrayList<>();

  @AfterEach
  void stop() {
    gateways.forEach(RawGateway::close);
    picker.close();
  }

  private RawGateway gateway(boolean takesAnswers) {
    RawGateway gateway = RawGateway.connect(picker.server.port(), takesAnswers);
    gateways.add(gateway);
    return gateway;
  }

  private static byte[] headers() {
    return RawGateway.message(requestHeaders(false, ":path", "/tokenize").toByteArray());
  }

  /** As Envoy does: in pieces, each a message. */
  private static void sendBody(RawGateway gateway, int stream) {
    byte[] piece =
        RawGateway.message(requestBody(ByteString.copyFrom(new byte[PIECE]), false).toByteArray());
    for (int i = 0; i < BODY / PIECE; i++) {
      gateway.send(stream, piece);
    }
    gateway.send(stream, RawGateway.message(requestBody("", true).toByteArray()));
  }

  private void assertOthersAreServed() {
    var dialogue = picker.open().send(requestHeaders(false, ":path", "/tokenize"));
    dialogue.send(requestBody("small", true));
    assertThat(dialogue.next().hasRequestHeaders()).isTrue();
    assertThat(dialogue.next().hasRequestBody()).isTrue();
    dialogue.halfClose().end();
  }

  @Test
  void aBodyThatTheGatewayDoesNotTakeStaysCounted() {
    RawGateway unread = gateway(false);
    int stream = unread.open();
    unread.send(stream, headers());
    sendBody(unread, stream);

    await().until(() -> picker.server.networkBytes() >= 60_000);
    assertThat(picker.server.bufferedBytes()).isBetween((long) BODY / 2, 2L * BODY);
    assertOthersAreServed();

    unread.close();
    picker.assertNothingIsHeld();
  }

  @Test
  void aGatewayThatTakesNothingLeavesRoomForAnother() {
    RawGateway unread = gateway(false);
    for (int i = 0; i < 8; i++) {
      int stream = unread.open();
      unread.send(stream, headers());
      sendBody(unread, stream);
    }
    await().until(() -> picker.exchanges.events.contains("failed ServiceUnavailable"));
    assertThat(picker.server.bufferedBytes()).isLessThanOrEqualTo(LIMITS.bufferedBytes());
    assertOthersAreServed();

    unread.close();
    picker.assertNothingIsHeld();
  }

  @Test
  void aResponseThatTheGatewayDoesNotTakeEndsItsStreamWhenThereIsNoRoom() {
    RawGateway unread = gateway(false);
    byte[] begin =
        RawGateway.message(
            responseHeaders(false, ":status", "200", "content-type", "text/event-stream")
                .toByteArray());
    byte[] piece =
        RawGateway.message(
            responseBody(ByteString.copyFrom(new byte[100 << 10]), false).toByteArray());
    for (int i = 0; i < 8; i++) {
      int stream = unread.open();
      unread.send(stream, begin);
      for (int k = 0; k < 5; k++) {
        unread.send(stream, piece);
      }
    }
    await().until(() -> picker.exchanges.events.contains("streamEnded ResourceExhausted"));
    assertThat(picker.server.bufferedBytes()).isLessThanOrEqualTo(LIMITS.bufferedBytes());
    assertOthersAreServed();

    unread.close();
    picker.assertNothingIsHeld();
  }

  @Test
  void messagesThatAreNotCompleteAreCountedAndTheNewestIsRefused() {
    RawGateway half = gateway(true);
    List<Integer> streams = new ArrayList<>();
    byte[] message = requestBody(ByteString.copyFrom(new byte[BODY]), true).toByteArray();
    byte[] begin = RawGateway.beginOf(message, 100 << 10);
    for (int i = 0; i < 6; i++) {
      int stream = half.open();
      streams.add(stream);
      half.send(stream, begin);
    }
    int last = streams.getLast();
    await().until(() -> half.isOver(last));
    assertThat(half.answers(last)).contains("ServiceUnavailable");
    assertThat(half.isOver(streams.getFirst())).isFalse();
    assertThat(picker.server.networkBytes()).isBetween(100L << 10, NETWORK.incompleteBytes());
    assertOthersAreServed();

    half.close();
    picker.assertNothingIsHeld();
  }

  /** Small ones, so that they may take all the room there is. */
  @Test
  void bodiesThatDoNotEndGiveTheirRoomToThoseThatDo() {
    RawGateway one = gateway(true);
    RawGateway another = gateway(true);
    int first = begun(one, HALF);
    await().until(() -> picker.server.bufferedBytes() >= HALF);
    for (int i = 0; i < 2 * LIMITS.bufferedBytes() / HALF; i++) {
      begun(i % 2 == 0 ? one : another, HALF);
    }
    await()
        .until(
            () -> { // messages of others show that room is short, and may be refused before
              begun(another, PIECE);
              return one.isOver(first);
            });
    assertThat(one.answers(first)).contains("ServiceUnavailable");

    String large = "x".repeat(100 << 10);
    for (int i = 0; i < 20; i++) {
      var dialogue = picker.open().send(requestHeaders(false, ":path", "/tokenize"));
      dialogue.send(requestBody(large, true));
      assertThat(dialogue.next().hasRequestHeaders()).isTrue();
      dialogue.cancel();
    }
    assertThat(picker.server.givenUp().get("memory")).isPositive();

    one.close();
    another.close();
    picker.assertNothingIsHeld();
  }

  /** The headers and a part of a body, in pieces, as long as they are taken. */
  private static int begun(RawGateway gateway, int bytes) {
    int stream = gateway.open();
    gateway.send(stream, headers());
    byte[] piece =
        RawGateway.message(requestBody(ByteString.copyFrom(new byte[PIECE]), false).toByteArray());
    for (int sent = 0; sent < bytes && gateway.send(stream, piece); sent += PIECE) {
      // and the next
    }
    return stream;
  }

  @Test
  void aMessageThatIsCompleteIsNoLongerCountedAsIncomplete() {
    RawGateway slow = gateway(true);
    byte[] message = requestBody(ByteString.copyFrom(new byte[100 << 10]), true).toByteArray();
    byte[] whole = RawGateway.message(message);
    for (int i = 0; i < 20; i++) {
      int stream = slow.open();
      slow.send(stream, headers());
      slow.send(stream, whole, 1000);
      await().until(() -> slow.answers(stream).length() > message.length);
      slow.reset(stream);
    }
    picker.assertNothingIsHeld();
  }

  @Test
  void aStreamThatWasGivenUpAndGoesOnIsReset() {
    RawGateway half = gateway(false);
    byte[] message = requestBody(ByteString.copyFrom(new byte[BODY]), true).toByteArray();
    int stream = half.open();

    half.send(stream, RawGateway.message(message));

    await().until(() -> half.isOver(stream));
    assertOthersAreServed();
    half.close();
    picker.assertNothingIsHeld();
  }
}
