package ai.llmd.epp.adapter.extproc.server;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.StreamLimits;
import ai.llmd.epp.adapter.extproc.TestPicker;
import ai.llmd.epp.adapter.extproc.dialogue.RawGateway;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Bodies that begin and do not end may take all room within what an event loop reads in one go. A
 * request that comes whole behind them is served all the same.
 */
@Timeout(60)
class BodiesAtOnceTest {

  private static final int ROOM = 192 << 10;
  private static final int PIECE = 2 << 10;

  /** More than a connection's share of the room, and less than it may send unread. */
  private static final int HALF = 80;

  private static final int WHOLE = 10;
  private static final StreamLimits LIMITS =
      new StreamLimits(ROOM, ROOM, ROOM, 2 * (HALF + WHOLE), 100);

  private final TestPicker picker =
      TestPicker.start(ExtProcServer.Settings.plaintext(0), TestPicker.withLimits(LIMITS));
  private final RawGateway gateway = RawGateway.connect(picker.server.port());
  private final CountDownLatch isHeld = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void stop() {
    goOn.countDown();
    gateway.close();
    picker.close();
  }

  @Test
  void wholeBodiesFindRoomBehindHalfOnes() throws Exception {
    holdTheLoop();
    for (int i = 0; i < HALF; i++) {
      send(new byte[PIECE], false);
    }
    List<Integer> whole = new ArrayList<>();
    for (int i = 0; i < WHOLE; i++) {
      whole.add(send(new byte[PIECE], true));
    }
    goOn.countDown(); // and reads all of it at once

    for (int stream : whole) {
      await().until(() -> gateway.isOver(stream) || gateway.answers(stream).length() > PIECE);
      assertThat(gateway.answers(stream).contains("ServiceUnavailable")).isFalse();
      gateway.reset(stream);
    }
    assertThat(picker.server.givenUp().get("memory")).isPositive();
    gateway.close();
    picker.assertNothingIsHeld();
  }

  private void holdTheLoop() throws InterruptedException {
    picker.routing.decision =
        decision -> {
          isHeld.countDown();
          awaitGoOn();
          return decision;
        };
    send(new byte[1], true);
    isHeld.await();
  }

  private void awaitGoOn() {
    try {
      goOn.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private int send(byte[] piece, boolean endsBody) {
    int stream = gateway.open();
    gateway.send(
        stream, RawGateway.message(requestHeaders(false, ":path", "/tokenize").toByteArray()));
    gateway.send(
        stream,
        RawGateway.message(requestBody(ByteString.copyFrom(piece), endsBody).toByteArray()));
    return stream;
  }
}
