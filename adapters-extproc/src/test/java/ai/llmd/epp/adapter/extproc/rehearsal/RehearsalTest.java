package ai.llmd.epp.adapter.extproc.rehearsal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ai.llmd.epp.adapter.extproc.TestPicker;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RehearsalTest {

  @Test
  void holdsAConversationOfEachKindAtLeast() throws Exception {
    try (TestPicker picker = TestPicker.start()) {
      int held = Rehearsal.hold(picker.server.port(), false, Duration.ZERO);

      assertThat(held).isEqualTo(6);
      assertThat(picker.routing.requests).hasSize(held);
    }
  }

  @Test
  void endsWhenThereWereEnoughHoweverLongItMayTake() throws Exception {
    try (TestPicker picker = TestPicker.start()) {
      assertThat(Rehearsal.hold(picker.server.port(), false, Duration.ofHours(1))).isEqualTo(120);
    }
  }

  @Test
  void sendsNoMoreThanThePickerTakesAndTakesWhatItSends() throws Exception {
    try (TestPicker picker = TestPicker.start();
        SocketGateway gateway = SocketGateway.to(picker.server.port(), false)) {
      var conversations = new Conversations(gateway, new Random(1));
      for (int i = 0; i < 5; i++) {
        conversations.one(700_000); // beyond the window of a stream, and it comes back
        conversations.buffered(700_000);
      }
      assertThat(picker.routing.requests).hasSize(10);
    }
  }

  @Test
  void failsWhenARequestIsRefused() {
    try (TestPicker picker = TestPicker.start()) {
      picker.routing.endpoints = List.of();

      assertThatThrownBy(() -> Rehearsal.hold(picker.server.port(), false, Duration.ZERO))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("refused");
    }
  }

  @Test
  void failsWhenTheServerIsNone() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(
              () -> {
                try (Socket accepted = other.accept()) {
                  accepted
                      .getOutputStream()
                      .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
                } catch (IOException e) {
                  // it is gone
                }
              });
      assertThatThrownBy(() -> Rehearsal.hold(other.getLocalPort(), false, Duration.ZERO))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void writesMessagesAsTheGeneratedClassesReadThem() throws Exception {
    ProcessingRequest headers =
        ProcessingRequest.parseFrom(GatewayMessages.requestHeaders(true, ":path", "/a", "b", "c"));
    assertThat(headers.getRequestHeaders().getHeaders().getHeadersList())
        .extracting(HeaderValue::getKey, value -> value.getRawValue().toStringUtf8())
        .containsExactly(tuple(":path", "/a"), tuple("b", "c"));
    assertThat(headers.getProtocolConfig().getRequestBodyMode()).isEqualTo(BodySendMode.BUFFERED);
    assertThat(headers.getProtocolConfig().getResponseBodyMode()).isEqualTo(BodySendMode.NONE);

    ProcessingRequest body = ProcessingRequest.parseFrom(GatewayMessages.responseBody("é", true));
    assertThat(body.getResponseBody().getBody().toStringUtf8()).isEqualTo("é");
    assertThat(body.getResponseBody().getEndOfStream()).isTrue();
    assertThat(body.getMetadataContext().getFilterMetadataMap()).containsOnlyKeys("envoy.lb");
  }
}
