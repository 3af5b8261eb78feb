package ai.llmd.epp.adapter.extproc;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.inModes;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestChunk;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestTrailers;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseChunk;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.setBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.memory.BodyBuffer;
import ai.llmd.epp.application.port.in.Routing;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** WebSockets and other connections that stop to be HTTP with their first headers. */
class TunnelTest {

  private static final ProcessingRequest HANDSHAKE =
      requestHeaders(false, ":method", "GET", ":path", "/v1/realtime", "upgrade", "websocket");
  private static final ProcessingRequest CONNECT =
      requestHeaders(
          false, ":method", "CONNECT", ":path", "/v1/realtime", ":protocol", "websocket");

  private final TestPicker picker = TestPicker.start();

  @AfterEach
  void stop() {
    picker.close();
  }

  private static String destination(ProcessingResponse answer) {
    return setBy(answer.getRequestHeaders().getResponse().getHeaderMutation())
        .getOrDefault("x-gateway-destination-endpoint", "");
  }

  private FakeRouting.Followed followed() {
    return picker.routing.routes.getFirst();
  }

  @Test
  void isDecidedAtTheHeadersAndPassesBytesBothWays() {
    for (ProcessingRequest opening : new ProcessingRequest[] {HANDSHAKE, CONNECT}) {
      Dialogue dialogue = picker.open().send(opening);
      assertThat(destination(dialogue.next())).isEqualTo("127.0.0.2:19032");
      dialogue.send(responseHeaders(false, ":status", "101")).next();

      dialogue.send(requestBody("\u0081\u0002ab", false));
      assertThat(requestChunk(dialogue.next()).getBody().toStringUtf8())
          .isEqualTo("\u0081\u0002ab");
      dialogue.send(responseBody("\u0081\u0002cd", false));
      assertThat(responseChunk(dialogue.next()).getBody().toStringUtf8())
          .isEqualTo("\u0081\u0002cd");
      dialogue.send(requestBody("", true));
      assertThat(requestChunk(dialogue.next()).getEndOfStream()).isTrue();
      dialogue.send(requestTrailers());
      assertThat(dialogue.next().hasRequestTrailers()).isTrue();
      dialogue.halfClose().end();
    }
  }

  @Test
  void isInFlightUntilTheConnectionEnds() {
    Dialogue dialogue = picker.open().send(HANDSHAKE);
    dialogue.next();
    dialogue.send(responseHeaders(false, ":status", "101")).next();
    dialogue.send(responseBody("frame", false)).next();

    assertThat(picker.exchanges.events).contains("running").doesNotContain("ended");
    assertThat(followed().calls).containsExactly("headers", "firstBytes");

    dialogue.cancel();
    await().untilAsserted(() -> assertThat(picker.exchanges.events).contains("ended"));
    assertThat(followed().calls).endsWith("ended client-disconnect");
  }

  @Test
  void keepsWhatComesBeforeTheDecision() {
    CountDownLatch decided = new CountDownLatch(1);
    picker.routing.routing =
        decision ->
            new Routing.Waiting(
                () -> {
                  decided.await();
                  return new Routing.Decided(decision);
                });
    Dialogue dialogue =
        picker.open().send(CONNECT).send(requestBody("early", false)).send(requestBody("", true));
    await().until(() -> picker.server.bufferedBytes() == 5 + BodyBuffer.PIECE_BYTES);
    decided.countDown();

    assertThat(destination(dialogue.next())).isNotEmpty();
    assertThat(requestChunk(dialogue.next()).getBody().toStringUtf8()).isEqualTo("early");
    assertThat(requestChunk(dialogue.next()).getEndOfStream()).isTrue();
    assertThat(picker.server.bufferedBytes()).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "BUFFERED"})
  void asksAGatewayThatCollectsBodiesToPassThemBy(BodySendMode response) {
    Dialogue dialogue = picker.open().send(inModes(BodySendMode.BUFFERED, response, HANDSHAKE));
    ProcessingResponse answer = dialogue.next();

    assertThat(destination(answer)).isEqualTo("127.0.0.2:19032");
    assertThat(answer.getModeOverride().getRequestBodyMode()).isEqualTo(BodySendMode.NONE);
    assertThat(answer.getModeOverride().getResponseBodyMode()).isEqualTo(BodySendMode.NONE);
    dialogue.send(responseHeaders(false, ":status", "101")).next();
    dialogue.halfClose().end();
    assertThat(followed().calls).containsExactly("headers", "firstBytes", "ended natural");
  }

  @Test
  void leavesTheModeAloneOtherwise() {
    assertThat(picker.open().send(HANDSHAKE).next().hasModeOverride()).isFalse();
    ProcessingRequest unseen = inModes(BodySendMode.NONE, BodySendMode.NONE, HANDSHAKE);
    assertThat(picker.open().send(unseen).next().hasModeOverride()).isFalse();
  }

  @Test
  void isServedWhereBodiesComePiecewise() {
    Dialogue dialogue =
        picker.open().send(inModes(BodySendMode.STREAMED, BodySendMode.STREAMED, HANDSHAKE));
    assertThat(destination(dialogue.next())).isNotEmpty();
    dialogue.send(requestBody(ByteString.copyFromUtf8("frame"), false));
    assertThat(dialogue.next().getRequestBody()).isEqualTo(BodyResponse.getDefaultInstance());
  }

  @Test
  void isRefusedAsAnyRequestIs() {
    picker.routing.endpoints = List.of();

    assertThat(
            picker.open().send(HANDSHAKE).next().getImmediateResponse().getStatus().getCodeValue())
        .isEqualTo(503);
  }
}
