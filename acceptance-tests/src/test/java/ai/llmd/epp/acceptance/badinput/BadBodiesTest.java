package ai.llmd.epp.acceptance.badinput;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static ai.llmd.epp.acceptance.inprocess.Asking.open;
import static ai.llmd.epp.acceptance.inprocess.Asking.refused;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.Asking.Routed;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.type.v3.StatusCode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that cannot be understood or held. After each of them the picker works as before. */
class BadBodiesTest {

  private static final int LARGEST = 64 << 20;

  private static final ModelServer SERVER = ModelServer.loaded("pod-0", 0, 0.1);
  private static RunningPicker picker;

  @BeforeAll
  static void start() {
    picker =
        RunningPicker.start(
            RunningPicker.configuration("queue-scorer", "prefix-cache-scorer"),
            List.of(SERVER),
            "--grpc-max-recv-msg-size=8Mi");
  }

  @AfterAll
  static void stop() {
    picker.close();
    SERVER.close();
  }

  @AfterEach
  void theNextRequestWorksAndNothingIsHeld() {
    Routed next = Asking.route(picker, Map.of(), completion("m", "next"));
    assertThat(next.destination()).isEqualTo(SERVER.hostPort());
    picker.awaitNothingBuffered();
  }

  private static void assertBadRequest(String body) {
    assertBadRequest(refused(open(picker, Map.of(), body)));
  }

  private static void assertBadRequest(ImmediateResponse refused) {
    assertThat(refused.getStatus().getCode()).isEqualTo(StatusCode.BadRequest);
    assertThat(refused.getBody().toStringUtf8())
        .startsWith("inference error: BadRequest - ")
        .hasSizeBetween(40, 400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"model\":\"m\",\"prompt\":\"cut of",
        "{\"model\":\"m\",\"prompt\":",
        "{\"model\":\"m\",\"prompt\":\"x\\",
        "{\"model\":\"m\",\"prompt\":\"x\\u12",
        "{",
        "[",
        "nul",
        "\"",
        "{\"model\":\"m\",\"prompt\":\"x\"} {}",
        "{\"model\":\"m\",\"prompt\":\"x\"}}",
        "{\"model\":\"m\",\"max_tokens\":1e,\"prompt\":\"x\"}",
        "null",
        "[]",
        "7",
        "   ",
      })
  void truncatedAndOtherwiseBrokenJsonIsABadRequest(String body) {
    assertBadRequest(body);
  }

  @ParameterizedTest
  @ValueSource(ints = {10_001, 200_000})
  void nestingBeyondTheReferencesLimitIsABadRequest(int depth) {
    assertBadRequest(nested(depth));
  }

  @Test
  void deepNestingWithinTheLimitIsRouted() {
    assertThat(Asking.route(picker, Map.of(), nested(9_990)).destination())
        .isEqualTo(SERVER.hostPort());
  }

  private static String nested(int depth) {
    return "{\"model\":\"m\",\"prompt\":\"x\",\"other\":"
        + "[".repeat(depth)
        + "]".repeat(depth)
        + "}";
  }

  @Test
  void nestingThatNeverEndsIsABadRequest() {
    assertBadRequest("[".repeat(1_000_000));
    assertBadRequest("{\"a\":".repeat(500_000));
  }

  @Test
  void anEmptyBodyIsABadRequest() {
    assertBadRequest("");
  }

  /** As the reference does: bytes that are no UTF-8 stand for the replacement character. */
  @Test
  void bytesThatAreNoUtf8AreRoutedAsTheyAre() {
    ByteString body =
        ByteString.copyFromUtf8("{\"model\":\"m\",\"prompt\":\"a")
            .concat(ByteString.fromHex("fffec080edA080"))
            .concat(ByteString.copyFromUtf8("b\"}"));
    Dialogue dialogue = open(picker, Map.of());
    dialogue.send(Messages.requestBody(body, true));

    Routed routed = Asking.routed(dialogue);

    assertThat(
            routed
                .body()
                .getFirst()
                .getRequestBody()
                .getResponse()
                .getBodyMutation()
                .getStreamedResponse()
                .getBody())
        .isEqualTo(body);
    dialogue.halfClose().end();
  }

  @Test
  void ofDuplicateKeysTheLastCounts() {
    String body =
        "{\"model\":\"first\",\"prompt\":\"x\",\"model\":\"last\",\"prompt\":\"y\",\"stream\":1,"
            + "\"stream\":false}";
    double before = picker.metrics().sum("llm_d_epp_request_total", "model_name=\"last\"");

    Routed routed = Asking.route(picker, Map.of(), body);

    assertThat(routed.bodyText()).isEqualTo(body);
    assertThat(picker.metrics().sum("llm_d_epp_request_total", "model_name=\"last\""))
        .isEqualTo(before + 1);
    assertThat(picker.metrics().sum("llm_d_epp_request_total", "model_name=\"first\"")).isZero();
  }

  @Test
  void aBodyAtTheLimitIsRouted() {
    Dialogue dialogue = open(picker, Map.of());
    sendBody(dialogue, LARGEST, 60_000, true);

    Routed routed = Asking.routed(dialogue);

    assertThat(routed.headers()).containsEntry("Content-Length", Integer.toString(LARGEST));
    long forwarded = 0;
    for (var chunk : routed.body()) {
      forwarded +=
          chunk
              .getRequestBody()
              .getResponse()
              .getBodyMutation()
              .getStreamedResponse()
              .getBody()
              .size();
    }
    assertThat(forwarded).isEqualTo(LARGEST);
    dialogue.halfClose().end();
  }

  @ParameterizedTest
  @ValueSource(ints = {1 << 20, 4_000_000})
  void aBodyAboveTheLimitIsTooLarge(int chunkBytes) {
    Dialogue dialogue = open(picker, Map.of());
    sendBody(dialogue, LARGEST + 1, chunkBytes, true);

    ImmediateResponse refused = refused(dialogue);

    assertThat(refused.getStatus().getCode()).isEqualTo(StatusCode.PayloadTooLarge);
    assertThat(refused.getBody().toStringUtf8()).contains(Integer.toString(LARGEST));
  }

  @Test
  void aBodyThatIsCutOffByAResetIsForgotten() {
    Dialogue dialogue = open(picker, Map.of());
    sendBody(dialogue, 5_000_000, 60_000, false);
    picker.awaitSum("llm_d_epp_buffered_body_bytes", 5_000_000 + 84 * 48); // 84 pieces

    dialogue.cancel();

    picker.awaitNothingBuffered();
  }

  /** A completion of exactly so many bytes. */
  private static void sendBody(Dialogue dialogue, int bytes, int chunkBytes, boolean ends) {
    byte[] body = new byte[bytes];
    Arrays.fill(body, (byte) 'x');
    ByteString head = ByteString.copyFromUtf8("{\"model\":\"m\",\"prompt\":\"");
    head.copyTo(body, 0);
    body[bytes - 2] = '"';
    body[bytes - 1] = '}';
    ByteString all = UnsafeByteOperations.unsafeWrap(body);
    for (int from = 0; from < bytes; from += chunkBytes) {
      int to = Math.min(bytes, from + chunkBytes);
      dialogue.send(Messages.requestBody(all.substring(from, to), ends && to == bytes));
    }
  }
}
