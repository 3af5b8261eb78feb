package ai.llmd.epp.adapter.extproc.server;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestChunk;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.TestPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.server.ExtProcServer.Settings;
import ai.llmd.epp.application.port.in.LendParts;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ExtProcServerTest {

  private static final int FIVE_MEBIBYTES = 5 << 20;

  private static Dialogue withMessageOf(TestPicker picker, int bytes) {
    ByteString body = ByteString.copyFrom(new byte[bytes]);
    return picker
        .open()
        .send(requestHeaders(false, ":path", "/tokenize"))
        .send(requestBody(body, true));
  }

  @Test
  void failsAStreamWhoseMessageIsTooLarge() {
    try (TestPicker picker = TestPicker.start()) {
      assertThat(withMessageOf(picker, FIVE_MEBIBYTES).end().getCode())
          .isEqualTo(Code.RESOURCE_EXHAUSTED);
      await().untilAsserted(() -> assertThat(picker.server.openStreams()).isZero());
      assertThat(picker.open().send(requestHeaders(true)).next().hasRequestHeaders()).isTrue();
    }
  }

  @Test
  void takesLargerMessagesWhenConfigured() {
    try (TestPicker picker =
        TestPicker.start(
            new Settings(
                0, 6 << 20, null, false, NetworkLimits.DEFAULT, ConnectionLimits.DEFAULT))) {
      Dialogue dialogue = withMessageOf(picker, FIVE_MEBIBYTES);
      assertThat(dialogue.next().hasRequestHeaders()).isTrue();
      int received = 0;
      while (received < FIVE_MEBIBYTES) {
        received += requestChunk(dialogue.next()).getBody().size();
      }
      assertThat(dialogue.halfClose().end().getCode()).isEqualTo(Code.OK);
    }
  }

  @Test
  void letsOpenStreamsFinishAndTakesNoNewOnes() throws InterruptedException {
    try (TestPicker picker = TestPicker.start()) {
      Dialogue open = picker.open().send(requestHeaders(false, ":path", "/tokenize"));
      await().untilAsserted(() -> assertThat(picker.server.openStreams()).isEqualTo(1));
      Thread stopping = Thread.startVirtualThread(() -> picker.server.stop(Duration.ofMinutes(1)));
      await()
          .untilAsserted(
              () ->
                  assertThat(picker.open().halfClose().endDespiteAnswers().getCode())
                      .isEqualTo(Code.UNAVAILABLE));

      open.send(requestBody("x", true));
      assertThat(open.next().hasRequestHeaders()).isTrue();
      assertThat(open.next().hasRequestBody()).isTrue();
      assertThat(open.halfClose().end().getCode()).isEqualTo(Code.OK);
      assertThat(stopping.join(Duration.ofSeconds(10))).isTrue();
    }
  }

  @Test
  void cancelsWhatIsStillOpenAfterTheLongestWait() {
    try (TestPicker picker = TestPicker.start()) {
      Dialogue open = picker.open().send(requestHeaders(false));
      await().untilAsserted(() -> assertThat(picker.server.openStreams()).isEqualTo(1));
      picker.server.stop(Duration.ofMillis(1));
      assertThat(open.end().isOk()).isFalse();
      await().untilAsserted(() -> assertThat(picker.server.openStreams()).isZero());
    }
  }

  @Test
  void answersHealthOnItsOwnPortOnlyWhenConfigured() {
    HealthCheckRequest question =
        HealthCheckRequest.newBuilder().setService(ExternalProcessorGrpc.SERVICE_NAME).build();
    try (TestPicker picker =
        TestPicker.start(
            new Settings(
                0, 1 << 20, null, true, NetworkLimits.DEFAULT, ConnectionLimits.DEFAULT))) {
      assertThat(HealthGrpc.newBlockingStub(picker.channel).check(question).getStatus())
          .isEqualTo(ServingStatus.SERVING);
    }
    try (TestPicker picker = TestPicker.start()) {
      assertThatThrownBy(() -> HealthGrpc.newBlockingStub(picker.channel).check(question))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("UNIMPLEMENTED");
    }
  }

  @Test
  void compressesForAPeerThatCompresses() {
    List<String> encodings = new CopyOnWriteArrayList<>();
    try (TestPicker picker = TestPicker.start()) {
      var stub =
          ExternalProcessorGrpc.newStub(
                  ClientInterceptors.intercept(picker.channel, new EncodingSeen(encodings)))
              .withCompression("gzip");
      CompletableFuture<ProcessingResponse> answer = new CompletableFuture<>();
      StreamObserver<ProcessingRequest> envoy = stub.process(first(answer));
      envoy.onNext(requestHeaders(true));
      assertThat(answer.join().hasRequestHeaders()).isTrue();
      envoy.onCompleted();
      assertThat(encodings).containsExactly("gzip");
    }
  }

  private static StreamObserver<ProcessingResponse> first(
      CompletableFuture<ProcessingResponse> answer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(ProcessingResponse value) {
        answer.complete(value);
      }

      @Override
      public void onError(Throwable cause) {
        answer.completeExceptionally(cause);
      }

      @Override
      public void onCompleted() {}
    };
  }

  private record EncodingSeen(List<String> encodings) implements ClientInterceptor {

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          super.start(
              new SimpleForwardingClientCallListener<>(listener) {
                @Override
                public void onHeaders(Metadata received) {
                  encodings.add(
                      received.get(
                          Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER)));
                  super.onHeaders(received);
                }
              },
              headers);
        }
      };
    }
  }

  @Test
  void reportsThatThePortIsTaken() {
    try (TestPicker picker = TestPicker.start()) {
      assertThatThrownBy(
              () ->
                  ExtProcServer.prepare(Settings.plaintext(picker.server.port()))
                      .start(LendParts.of(TestPicker.parts(picker.routing, picker.exchanges))))
          .isInstanceOf(IOException.class);
    }
  }
}
