package ai.llmd.epp.adapter.extproc.server;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.inModes;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestChunk;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseChunk;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseHeaders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.FakeRouting;
import ai.llmd.epp.adapter.extproc.StreamLimits;
import ai.llmd.epp.adapter.extproc.TestPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StreamLimitsTest {

  private static TestPicker with(int request, int response, long together, int streams) {
    return TestPicker.start(
        TestPicker.withLimits(new StreamLimits(request, response, together, streams, 5)));
  }

  private static void assertRefused(Dialogue dialogue, int status) {
    ImmediateResponse refused = dialogue.next().getImmediateResponse();
    assertThat(refused.getStatus().getCodeValue()).isEqualTo(status);
    assertThat(refused.getBody().toStringUtf8()).startsWith("inference error: ");
    assertThat(dialogue.end().getCode()).isEqualTo(Code.OK);
  }

  @Test
  void refusesABodyThatIsTooLargeBeforeItIsComplete() {
    try (TestPicker picker = with(10, 10, 1000, 10)) {
      Dialogue dialogue = picker.open().send(requestHeaders(false));
      dialogue.send(requestBody("0123456789", false)).send(requestBody("x", false));
      assertRefused(dialogue, 413);
      assertThat(picker.server.bufferedBytes()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FULL_DUPLEX_STREAMED", "BUFFERED"})
  void refusesABodyThatIsAnnouncedAsTooLargeBeforeAnyOfItComes(BodySendMode mode) {
    try (TestPicker picker = with(10, 10, 1000, 10)) {
      for (String announced : List.of("11", "99999999999999999999999")) {
        ProcessingRequest head = requestHeaders(false, "Content-Length", announced);
        assertRefused(picker.open().send(inModes(mode, BodySendMode.NONE, head)), 413);
      }
      for (String announced : List.of("10", "-11", "1e9", "")) {
        ProcessingRequest head =
            requestHeaders(false, ":path", "/tokenize", "content-length", announced);
        Dialogue accepted = picker.open().send(inModes(mode, BodySendMode.NONE, head));
        if (mode == BodySendMode.BUFFERED) {
          accepted.next();
        }
        assertThat(accepted.send(requestBody("0123456789", true)).next().hasImmediateResponse())
            .as(announced)
            .isFalse();
      }
    }
  }

  @Test
  void aBodyThatThePickerIsNotShownMayHaveAnyLength() {
    try (TestPicker picker = with(10, 10, 1000, 10)) {
      ProcessingRequest head = requestHeaders(false, "content-length", "11");
      Dialogue routed = picker.open().send(inModes(BodySendMode.NONE, BodySendMode.NONE, head));
      assertThat(routed.next().hasRequestHeaders()).isTrue();
    }
  }

  @Test
  void refusesSheddableRequestsFirstWhenMemoryIsShort() {
    try (TestPicker picker = with(1000, 10, 4000, 10)) { // of which a connection may hold 3000
      Dialogue usual = picker.open().send(requestHeaders(false));
      usual.send(requestBody("x".repeat(800), false));
      await().untilAsserted(() -> assertThat(picker.server.bufferedBytes()).isEqualTo(800 + 48));

      assertRefused(picker.open().send(sheddable("content-length", "900")), 503);
      Dialogue fits = picker.open().send(sheddable("content-length", "600"));
      fits.send(requestBody("x".repeat(600), false));
      await().untilAsserted(() -> assertThat(picker.server.bufferedBytes()).isEqualTo(1400 + 96));
      assertRefused(picker.open().send(sheddable()).send(requestBody("x".repeat(100), false)), 503);
      Dialogue important =
          picker.open().send(requestHeaders(false, ":path", "/tokenize", "content-length", "900"));
      assertThat(important.send(requestBody("x".repeat(900), true)).next().hasImmediateResponse())
          .isFalse();

      usual.cancel();
      await().untilAsserted(() -> assertThat(picker.server.bufferedBytes()).isEqualTo(600 + 48));
      assertThat(
              picker
                  .open()
                  .send(sheddable("content-length", "100"))
                  .send(requestBody("x".repeat(100), true))
                  .next()
                  .hasImmediateResponse())
          .isFalse();
      fits.cancel();
      await().untilAsserted(() -> assertThat(picker.server.bufferedBytes()).isZero());
    }
  }

  private static ProcessingRequest sheddable(String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(List.of("x-llm-d-inference-objective", FakeRouting.SHEDDABLE, ":path", "/tokenize"));
    return requestHeaders(false, all.toArray(String[]::new));
  }

  @Test
  void refusesABodyWhenAllBodiesTogetherAreTooLarge() {
    try (TestPicker picker = with(10, 10, 100, 10)) {
      Dialogue slow = picker.open().send(requestHeaders(false));
      slow.send(requestBody("0123456789", false));
      await().untilAsserted(() -> assertThat(picker.server.bufferedBytes()).isEqualTo(10 + 48));
      assertRefused(
          picker.open().send(requestHeaders(false)).send(requestBody("012345", false)), 503);
      slow.cancel();
      await().untilAsserted(() -> assertThat(picker.server.bufferedBytes()).isZero());
    }
  }

  @Test
  void aBodyOfOneByteMessagesCostsAboutItsBytes() {
    byte[] body = new byte[1 << 16];
    new Random(3).nextBytes(body);
    try (TestPicker picker = with(1 << 20, 10, 1 << 18, 10)) {
      Dialogue dialogue = picker.open().send(requestHeaders(false, ":path", "/tokenize"));
      for (int i = 0; i < body.length - 1; i++) {
        dialogue.send(requestBody(ByteString.copyFrom(body, i, 1), false));
      }
      await()
          .untilAsserted(
              () ->
                  assertThat(picker.server.bufferedBytes())
                      .isBetween((long) body.length, 3L * body.length / 2));
      dialogue.send(requestBody(ByteString.copyFrom(body, body.length - 1, 1), true));

      assertThat(dialogue.next().hasRequestHeaders()).isTrue();
      ByteString received = ByteString.EMPTY;
      while (received.size() < body.length) {
        received = received.concat(requestChunk(dialogue.next()).getBody());
      }
      assertThat(received.toByteArray()).isEqualTo(body);
      assertThat(picker.server.bufferedBytes()).isZero();
    }
  }

  @Test
  void refusesAStreamTooMany() {
    try (TestPicker picker = with(10, 10, 15, 1)) {
      Dialogue first = picker.open().send(requestHeaders(false));
      await().untilAsserted(() -> assertThat(picker.server.openStreams()).isEqualTo(1));
      assertRefused(picker.open(), 503);
      first.halfClose().end();
      await().untilAsserted(() -> assertThat(picker.server.openStreams()).isZero());
      assertThat(picker.open().send(requestHeaders(true)).next().hasRequestHeaders()).isTrue();
    }
  }

  @Test
  void refusesARequestWithTooManyHeaders() {
    try (TestPicker picker = with(10, 10, 15, 10)) {
      String[] headers = {"a", "1", "b", "2", "c", "3", "d", "4", "e", "5", "f", "6"};
      assertRefused(picker.open().send(requestHeaders(false, headers)), 431);
    }
  }

  @Test
  void passesOnAResponseThatIsTooLargeToHold() {
    try (TestPicker picker = with(10, 10, 1000, 10)) {
      Dialogue dialogue = picker.open().send(responseHeaders(false, ":status", "200"));
      dialogue.next();
      dialogue.send(responseBody("01234", false)).send(responseBody("5678", false));
      dialogue.send(responseBody("9ab", false));
      for (String expected : new String[] {"01234", "5678", "9ab"}) {
        var chunk = responseChunk(dialogue.next());
        assertThat(chunk.getBody().toStringUtf8()).isEqualTo(expected);
        assertThat(chunk.getEndOfStream()).isFalse();
      }
      dialogue.send(responseBody("", true));
      assertThat(responseChunk(dialogue.next()).getEndOfStream()).isTrue();
      assertThat(picker.server.bufferedBytes()).isZero();
    }
  }

  @Test
  void refusesLimitsThatAreNone() {
    assertThatThrownBy(() -> new StreamLimits(0, 1, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("requestBytes");
  }
}
