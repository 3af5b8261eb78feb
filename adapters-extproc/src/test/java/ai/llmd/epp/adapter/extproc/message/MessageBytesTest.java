package ai.llmd.epp.adapter.extproc.message;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.Wire;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.StreamedBodyResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written by hand is what the generated classes read. */
class MessageBytesTest {

  private static ProcessingResponse chunk(ByteString body, boolean endsStream) {
    return ProcessingResponse.newBuilder()
        .setResponseBody(
            BodyResponse.newBuilder()
                .setResponse(
                    CommonResponse.newBuilder()
                        .setBodyMutation(
                            BodyMutation.newBuilder()
                                .setStreamedResponse(
                                    StreamedBodyResponse.newBuilder()
                                        .setBody(body)
                                        .setEndOfStream(endsStream)))))
        .build();
  }

  private static List<ProcessingResponse> sent(
      ByteString body, boolean endsStream, Map<String, Map<String, Object>> metadata) {
    List<ProcessingResponse> sent = new ArrayList<>();
    Answers.sendResponseBody(
        new StreamObserver<>() {
          @Override
          public void onNext(ExtProcResponse answer) {
            ProcessingResponse written = Wire.written(answer);
            assertThat(answer.size()).isEqualTo(written.getSerializedSize());
            sent.add(written);
          }

          @Override
          public void onError(Throwable cause) {
            throw new AssertionError(cause);
          }

          @Override
          public void onCompleted() {}
        },
        body,
        endsStream,
        metadata);
    return sent;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 126, 127, 128, 129, 16_380, 16_384, 61_999, 62_000})
  void chunksOfAnyLengthAreRead(int length) {
    ByteString body = ByteString.copyFrom(new byte[length]);
    assertThat(sent(body, false, Map.of())).containsExactly(chunk(body, false));
    assertThat(sent(body, true, Map.of())).containsExactly(chunk(body, true));
  }

  @Test
  void aBodyLongerThanAChunkIsCut() {
    ByteString body = ByteString.copyFromUtf8("x".repeat(62_001));
    assertThat(sent(body, true, Map.of()))
        .containsExactly(
            chunk(body.substring(0, 62_000), false), chunk(body.substring(62_000), true));
  }

  @Test
  void metadataComesWithTheLastChunk() {
    ByteString body = ByteString.copyFromUtf8("body");
    Value cost = Value.newBuilder().setNumberValue(-1.5e300).build();
    Value name = Value.newBuilder().setStringValue("größer " + "…".repeat(200)).build();
    Struct fields = Struct.newBuilder().putFields("cost", cost).putFields("", name).build();
    ProcessingResponse expected =
        chunk(body, true).toBuilder()
            .setDynamicMetadata(
                Struct.newBuilder()
                    .putFields("envoy.lb", Value.newBuilder().setStructValue(fields).build()))
            .build();
    assertThat(
            sent(
                body,
                true,
                Map.of("envoy.lb", Map.of("cost", -1.5e300, "", name.getStringValue()))))
        .containsExactly(expected);
  }

  @Test
  void aMessageOutgrowsWhatWasExpected() {
    MessageBytes message = new MessageBytes(1);
    message.text(Value.STRING_VALUE_FIELD_NUMBER, "0123456789".repeat(20)).enclose(7, 0);
    assertThat(message.written()).isEqualTo(1 + 2 + 1 + 2 + 200);
  }
}
