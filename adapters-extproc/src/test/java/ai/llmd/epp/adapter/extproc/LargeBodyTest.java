package ai.llmd.epp.adapter.extproc;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestChunk;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestTrailers;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseChunk;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseTrailers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.ByteString;
import io.grpc.Status.Code;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A large body is read beside the event loop; whatever happens meanwhile, nothing of it stays. */
@Timeout(60)
class LargeBodyTest {

  private static final int PIECE = 60_000;
  private static final int PIECES = 40;
  private static final String SMALL = "{\"model\":\"small\",\"prompt\":\"hello\"}";
  private static final ByteString LARGE =
      ByteString.copyFromUtf8(
          "{\"model\":\"large\",\"prompt\":\"" + "x".repeat(PIECE * PIECES - 50) + "\"}");

  private final CountDownLatch released = new CountDownLatch(1);
  private final CountDownLatch reading = new CountDownLatch(1);
  private final TestPicker picker = TestPicker.start();

  @AfterEach
  void stop() {
    released.countDown();
    picker.close();
  }

  private void haveLargeBodiesTakeLong() {
    picker.routing.decision = decision -> isLarge(decision) ? afterRelease(decision) : decision;
  }

  private static boolean isLarge(RoutingDecision decision) {
    return decision instanceof Route route && route.labels().incomingModel().equals("large");
  }

  private RoutingDecision afterRelease(RoutingDecision decision) {
    reading.countDown();
    try {
      released.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return decision;
  }

  private Dialogue large(boolean endsStream) {
    Dialogue dialogue = picker.open().send(requestHeaders(false, ":path", "/v1/completions"));
    for (int from = 0; from < LARGE.size(); from += PIECE) {
      int to = Math.min(LARGE.size(), from + PIECE);
      dialogue.send(requestBody(LARGE.substring(from, to), endsStream && to == LARGE.size()));
    }
    return dialogue;
  }

  private void assertSmallOneIsServed() {
    Dialogue small = picker.open().send(requestHeaders(false, ":path", "/v1/completions"));
    small.send(requestBody(SMALL, true));
    assertThat(small.next().hasRequestHeaders()).isTrue();
    assertThat(requestChunk(small.next()).getBody().toStringUtf8()).isEqualTo(SMALL);
    small.halfClose().end();
  }

  private static void assertRouted(Dialogue dialogue) {
    assertThat(dialogue.next().hasRequestHeaders()).isTrue();
    ByteString received = ByteString.EMPTY;
    while (received.size() < LARGE.size()) {
      received = received.concat(requestChunk(dialogue.next()).getBody());
    }
    assertThat(received).isEqualTo(LARGE);
  }

  /** Of the same connection, which has one event loop. */
  @Test
  void othersAreServedWhileItIsRead() throws Exception {
    haveLargeBodiesTakeLong();
    Dialogue dialogue = large(true);
    reading.await();

    assertSmallOneIsServed();
    assertThat(picker.server.bufferedBytes()).isGreaterThanOrEqualTo(LARGE.size());

    released.countDown();
    assertRouted(dialogue);
    assertThat(dialogue.halfClose().end().getCode()).isEqualTo(Code.OK);
    picker.assertNothingIsHeld();
  }

  @Test
  void trailersAreAnsweredBehindIt() throws Exception {
    haveLargeBodiesTakeLong();
    Dialogue dialogue = large(false).send(requestTrailers());
    reading.await();

    released.countDown();

    assertRouted(dialogue);
    assertThat(dialogue.next().hasRequestTrailers()).isTrue();
    dialogue.halfClose().end();
    picker.assertNothingIsHeld();
  }

  @Test
  void staysCountedUntilItsReaderLetsGoOfIt() throws Exception {
    haveLargeBodiesTakeLong();
    Dialogue dialogue = large(true);
    reading.await();

    dialogue.cancel();
    await().until(() -> picker.server.openStreams() == 0);
    assertThat(picker.server.bufferedBytes()).isGreaterThanOrEqualTo(LARGE.size());
    released.countDown();

    picker.assertNothingIsHeld();
    await().until(() -> !picker.routing.routes.getFirst().ends.isEmpty());
    assertThat(picker.routing.routes.getFirst().calls).containsExactly("ended client-disconnect");
  }

  @Test
  void oneThatCannotBeReadIsRefused() {
    Dialogue dialogue = picker.open().send(requestHeaders(false, ":path", "/v1/completions"));
    dialogue.send(requestBody("x".repeat(3 << 20), true));

    assertThat(dialogue.next().getImmediateResponse().getStatus().getCodeValue()).isEqualTo(400);
    assertThat(dialogue.end().getCode()).isEqualTo(Code.OK);
    picker.assertNothingIsHeld();
  }

  @Test
  void aFailureIsTheStreamsOwn() {
    picker.routing.decision =
        decision -> {
          throw new IllegalStateException("a defect");
        };
    Dialogue dialogue = large(true);

    assertThat(dialogue.next().getImmediateResponse().getStatus().getCodeValue()).isEqualTo(500);
    dialogue.end();
    picker.routing.decision = decision -> decision;
    assertSmallOneIsServed();
    picker.assertNothingIsHeld();
  }

  /** Envoy half closes when all has come, whether or not all has been answered. */
  @Test
  void theUsageOfALargeResponseIsRead() {
    String begin = "{\"data\":\"" + "y".repeat(2 << 20) + "\",";
    String end = "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":10,\"total_tokens\":15}}";
    for (boolean hasTrailers : new boolean[] {false, true}) {
      Dialogue dialogue = picker.open().send(requestHeaders(false, ":path", "/v1/completions"));
      dialogue.send(requestBody(SMALL, true));
      dialogue.next();
      dialogue.next();
      dialogue.send(responseHeaders(false, ":status", "200"));
      dialogue.send(responseBody(begin, false)).send(responseBody(end, !hasTrailers));
      if (hasTrailers) {
        dialogue.send(responseTrailers());
      }
      dialogue.halfClose();

      assertThat(dialogue.next().hasResponseHeaders()).isTrue();
      int received = 0;
      while (received < begin.length() + end.length()) {
        received += responseChunk(dialogue.next()).getBody().size();
      }
      if (hasTrailers) {
        assertThat(dialogue.next().hasResponseTrailers()).isTrue();
      }
      assertThat(dialogue.end().getCode()).isEqualTo(Code.OK);
      assertThat(picker.exchanges.usages.removeFirst()).isEqualTo(new Usage(5, 10, 15, -1));
      picker.assertNothingIsHeld();
    }
  }
}
