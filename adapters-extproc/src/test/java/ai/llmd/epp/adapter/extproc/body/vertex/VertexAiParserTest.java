package ai.llmd.epp.adapter.extproc.body.vertex;

import static ai.llmd.epp.adapter.extproc.body.TextBytes.texts;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParseOutcome.Malformed;
import ai.llmd.epp.application.parsing.ParseOutcome.Parsed;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VertexAiParserTest {

  private static final String SERVICE = "/google.cloud.aiplatform.v1beta1.PredictionService/";
  private static final String CHAT =
      """
      {"model": "m", "messages": [{"role": "user", "content": "hello"}], "stream": true}\
      """;

  private final VertexAiParser parser = new VertexAiParser();

  @Test
  void readsAChatWithinItsMessage() throws IOException {
    ParsedBody body = parsed("ChatCompletions", request(CHAT));

    assertThat(body.api()).isEqualTo(ApiKind.CHAT_COMPLETIONS);
    assertThat(body.model()).isEqualTo("m");
    assertThat(body.isStreaming()).isTrue();
    assertThat(String.join("", texts(body))).contains("hello");
    assertThat(body.modelRenaming()).isSameAs(ModelRenaming.NONE);
  }

  @ParameterizedTest
  @CsvSource({"RawPredict", "StreamRawPredict"})
  void readsAResponseRequestWithinItsMessage(String method) throws IOException {
    ParsedBody body = parsed(method, request("{\"input\": \"hello\"}"));

    assertThat(body.api()).isEqualTo(ApiKind.RESPONSES);
  }

  @Test
  void refusesWhatIsNoWholeRequest() throws IOException {
    assertThat(parse("RawPredict", framed(field(1, "endpoint"))))
        .isEqualTo(new Malformed("RawPredictRequest has no HttpBody"));
    assertThat(parse("ChatCompletions", request("{}")))
        .isEqualTo(
            new Malformed(
                "parsing ChatCompletionsRequest: invalid chat completions request: must have valid"
                    + " messages field"));
    assertThat(parse("ChatCompletions", framed(field(2, field(1, "application/json")))))
        .isInstanceOfSatisfying(
            Malformed.class,
            malformed ->
                assertThat(malformed.error())
                    .startsWith("parsing ChatCompletionsRequest: error unmarshaling request"));
    byte[] whole = request(CHAT);
    assertThat(parse("ChatCompletions", Arrays.copyOf(whole, whole.length - 1)))
        .isEqualTo(new Malformed("invalid or unsupported gRPC payload: the message is cut off"));
    assertThat(parse("ChatCompletions", framed(new byte[] {0x12, 0x7f})))
        .isInstanceOfSatisfying(
            Malformed.class,
            malformed ->
                assertThat(malformed.error())
                    .startsWith("invalid or unsupported gRPC payload: ")
                    .doesNotContain("null"));
  }

  @Test
  void ofSeveralBodiesTheLastCounts() throws IOException {
    byte[] both = join(field(2, field(2, "{}")), field(2, field(2, CHAT)));

    assertThat(parsed("ChatCompletions", framed(both)).model()).isEqualTo("m");
  }

  @Test
  void passesOnWhatItDoesNotKnow() throws IOException {
    byte[] compressed = request(CHAT);
    compressed[0] = 1;

    assertThat(parsed("ChatCompletions", compressed).api()).isEqualTo(ApiKind.NONE);
    assertThat(parsed("Predict", request(CHAT)).skipsResponse()).isTrue();
  }

  @Test
  void readsUsageOfWholeAnswers() throws IOException {
    byte[] answer =
        answer(
            "{\"usage\": {\"prompt_tokens\": 5, \"completion_tokens\": 7, \"total_tokens\": 12}}");

    assertThat(parser.usageReader(false).read(answer, 0, answer.length))
        .isEqualTo(new Usage(5, 7, 12, -1));
  }

  @Test
  void readsUsageOfEventsInFramesHoweverTheyAreCut() throws IOException {
    byte[] events =
        join(
            answer("data: {\"choices\": []}\n\n"),
            answer(
                "data: {\"usage\": {\"prompt_tokens\": 5, \"completion_tokens\": 7,"
                    + " \"total_tokens\": 12}}\n\n"),
            answer("data: [DONE]\n\n"));
    for (int cut = 0; cut <= events.length; cut++) {
      UsageReader reader = parser.usageReader(false);
      Usage first = reader.read(events, 0, cut);
      Usage second = reader.read(events, cut, events.length);

      assertThat(first == null ? second : first).isEqualTo(new Usage(5, 7, 12, -1));
    }
  }

  private ParsedBody parsed(String method, byte[] body) {
    return ((Parsed) parse(method, body)).body();
  }

  private ParseOutcome parse(String method, byte[] body) {
    byte[] longer = Arrays.copyOf(body, body.length + 9);
    return parser.parse(SERVICE + method, RequestHeaders.NONE, longer, body.length);
  }

  private static byte[] request(String json) throws IOException {
    return framed(
        join(
            field(1, "projects/p/endpoints/1"),
            field(2, join(field(1, "application/json"), field(2, json)))));
  }

  private static byte[] answer(String data) throws IOException {
    return framed(join(field(1, "text"), field(2, data)));
  }

  private static byte[] framed(byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  private static byte[] field(int number, String text) throws IOException {
    return field(number, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] field(int number, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeByteArray(number, content);
    out.flush();
    return bytes.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return joined.toByteArray();
  }
}
