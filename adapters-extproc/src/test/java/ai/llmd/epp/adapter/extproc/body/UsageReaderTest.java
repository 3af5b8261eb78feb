package ai.llmd.epp.adapter.extproc.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ai.llmd.epp.adapter.extproc.body.anthropic.AnthropicParser;
import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.adapter.extproc.body.sglang.SglangHttpParser;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.RandomJson;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageReaderTest {

  private final UsageReader openAi = new OpenAiParser().usageReader(false);
  private final UsageReader openAiStream = new OpenAiParser().usageReader(true);
  private final UsageReader anthropic = new AnthropicParser().usageReader(false);
  private final UsageReader anthropicStream = new AnthropicParser().usageReader(true);
  private final UsageReader sglang = new SglangHttpParser().usageReader(false);
  private final UsageReader sglangStream = new SglangHttpParser().usageReader(true);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"prompt_tokens\":null,\"input_tokens\":4}|4,0,0,-1",
        "{\"prompt_tokens\":1,\"input_tokens\":4}|1,0,0,-1",
        "{\"prompt_tokens\":\"1e1\",\"total_tokens\":\"x\"}|10,0,0,-1",
        "{\"prompt_tokens\":\"+.5e1\",\"completion_tokens\":\"1e999\"}|5,0,0,-1",
        "{\"prompt_tokens\":\"7f\",\"completion_tokens\":\" 7\"}|0,0,0,-1",
        "{\"prompt_tokens\":true,\"completion_tokens\":[1],\"total_tokens\":-2.9}|0,0,-2,-1",
        "{\"prompt_tokens_details\":{\"cached_tokens\":3},\"input_tokens_details\":{}}|0,0,0,3",
        "{\"prompt_tokens_details\":{\"cached_tokens\":3},"
            + "\"input_tokens_details\":{\"cached_tokens\":4}}|0,0,0,4",
        "{\"prompt_tokens_details\":{\"cached_tokens\":{}}}|0,0,0,0",
        "{\"prompt_tokens_details\":[]}|0,0,0,-1",
        "{\"Prompt_Tokens\":1}|0,0,0,-1",
        "{}|0,0,0,-1",
      })
  void readsWholeOpenAiResponsesLeniently(String usage, String expected) {
    assertThat(read(openAi, "{\"usage\":" + usage + "}")).isEqualTo(usage(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "null",
        "{\"usage\":null}",
        "{\"usage\":[1]}",
        "{\"Usage\":{}}",
        "{\"usage\":{}} x",
        "{\"usage\":{\"prompt_tokens\":1}",
        "{\"usage\":{},\"usage\":1}",
      })
  void findsNoUsageInOtherWholeResponses(String body) {
    assertThat(read(openAi, body)).isNull();
    assertThat(read(anthropic, body)).isNull();
  }

  @Test
  void countsEveryDataLineButTheTerminator() {
    read(openAiStream, "data: 1\ndata:2\n data: 3\nevent: x\ndata: \n\ndata: [DONE]\r\n");
    assertThat(openAiStream.streamedEvents()).isEqualTo(3);
    read(openAiStream, "data: [DONE]\n");
    read(openAiStream, "data: [DONE] \n");
    read(openAiStream, "");
    read(openAiStream, "data: [DONE]");
    openAiStream.finish();
    assertThat(openAiStream.streamedEvents()).isEqualTo(4);
  }

  @Test
  void believesTheLastOfSeveralUsages() {
    String chunk =
        "data: {\"usage\":{\"prompt_tokens\":1}}\ndata: {\"usage\":{\"prompt_tokens\":2}}\n";
    assertThat(read(openAiStream, chunk)).isEqualTo(usage("2,0,2,-1"));
    assertThat(openAiStream.streamedEvents()).isEqualTo(2);
  }

  @Test
  void takesNothingFromAnUnreadableEvent() {
    String unreadable = "data: {\"usage\":{\"prompt_tokens\":\"x\",\"completion_tokens\":3}}\n";
    String next = "data: {\"text\":\"usage\"}\n";
    assertThat(read(openAiStream, unreadable + next)).isNull();
    assertThat(read(openAiStream, unreadable)).isNull();
    assertThat(read(openAiStream, next)).isNull();
  }

  @Test
  void passesOverEventsWhoseUsageIsNull() {
    String chunk =
        """
        data: {"usage":{"prompt_tokens":1.5,"completion_tokens":3}}
        data: {"usage":null}
        data: {"usage":{"prompt_tokens":7}}
        """;
    assertThat(read(openAiStream, chunk)).isEqualTo(usage("7,0,0,-1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"usage\":{\"prompt_tokens\":1}\n",
        "data: {\"usage\":{\"prompt_tokens\":1e1}}\n",
        "data: {\"usage\":[]}\n",
        "data: {\"type\":5,\"usage\":{}}\n",
        "data: {\"type\":\"response.created\",\"response\":{\"usage\":{\"input_tokens\":1}}}\n",
        "data: {\"type\":\"response.completed\",\"response\":{\"usage\":null}}\n",
        "data: {\"type\":\"response.completed\",\"response\":{\"usage\":{},\"object\":1}}\n",
        "id: {\"usage\":{}}\n",
      })
  void findsNoUsageInOtherEvents(String chunk) {
    assertThat(read(openAiStream, chunk)).isNull();
  }

  @Test
  void readsDetailsOfEvents() {
    String chunk =
        "data: {\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":11,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":8}}}\n\n";
    assertThat(read(openAiStream, chunk)).isEqualTo(usage("9,2,11,8"));
  }

  @Test
  void takesOnlyNumbersFromAnthropic() {
    String body =
        "{\"usage\":{\"input_tokens\":2.9,\"output_tokens\":\"3\",\"cache_read_input_tokens\":null}}";
    assertThat(read(anthropic, body)).isEqualTo(usage("2,0,2,-1"));
  }

  @Test
  void addsUpTheAnthropicEventsOfAChunk() {
    String start =
        "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":5,"
            + "\"cache_read_input_tokens\":4,\"output_tokens\":9}}}\n";
    String delta = "data: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":3}}\n";
    String ignored =
        """
        data: {"type":"ping","usage":{"output_tokens":8}}
        data: {"type":"message_delta","usage":[8]}
        data: {"type":"message_delta","usage":{"output_tokens":8}
        """;
    assertThat(read(anthropicStream, start + ignored + "\n" + delta)).isEqualTo(usage("5,3,8,4"));
    assertThat(read(anthropicStream, ignored)).isNull();
    assertThat(anthropicStream.streamedEvents()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"meta_info\":{\"cached_tokens\":1}}",
        "{\"meta_info\":{\"prompt_tokens\":1.0}}",
        "{\"meta_info\":[]}",
        "{\"meta_info\":{\"prompt_tokens\":1}} x",
        "",
      })
  void findsNoUsageInOtherSglangResponses(String body) {
    assertThat(read(sglang, body)).isNull();
  }

  @Test
  void readsTheLastSglangEventWithAFinishReason() {
    String chunk =
        """
        data: {"meta_info":{"prompt_tokens":1,"finish_reason":null}}
          data: {"meta_info":{"completion_tokens":2,"finish_reason":{}}}\r
        data: {"meta_info":{"completion_tokens":3,"finish_reason":{}}}
        """;
    assertThat(read(sglangStream, chunk)).isEqualTo(usage("0,3,3,-1"));
  }

  @Test
  void readsChunksHoweverTheyLieInMemory() {
    String text = "data: {\"usage\":{\"prompt_tokens\":1}}\n";
    byte[] padded = ("xx" + text + "xx").getBytes(StandardCharsets.UTF_8);
    ByteBuffer direct = ByteBuffer.allocateDirect(text.length());
    direct.put(text.getBytes(StandardCharsets.UTF_8)).flip();
    List<ByteString> chunks =
        List.of(
            UnsafeByteOperations.unsafeWrap(padded, 2, text.length()),
            UnsafeByteOperations.unsafeWrap(direct),
            UnsafeByteOperations.unsafeWrap(ByteBuffer.wrap(padded, 2, text.length()).slice()),
            ByteString.copyFromUtf8("xx" + text).substring(2),
            rope(text));
    for (ByteString chunk : chunks) {
      assertThat(Parsers.usage(openAiStream, chunk)).isEqualTo(usage("1,0,0,-1"));
    }
    assertThat(openAiStream.streamedEvents()).isEqualTo(chunks.size());
  }

  /** Of so many pieces that they are not copied together. */
  private static ByteString rope(String text) {
    String filler = ": " + "x".repeat(500) + "\n";
    ByteString rope = ByteString.copyFromUtf8(filler);
    for (int i = 0; i < text.length(); i++) {
      rope = rope.concat(ByteString.copyFromUtf8(text.substring(i, i + 1)));
    }
    return rope.concat(ByteString.copyFromUtf8(filler));
  }

  @RepeatedTest(100)
  void surviveDamagedChunks(RepetitionInfo round) {
    RandomJson random = new RandomJson(round.getCurrentRepetition());
    String event =
        "{\"type\":\"response.completed\",\"usage\":{\"prompt_tokens\":\"1\",\"input_tokens\":2},"
            + "\"response\":{\"usage\":{\"input_tokens_details\":{\"cached_tokens\":1}}},"
            + "\"meta_info\":{\"prompt_tokens\":1,\"finish_reason\":{}},\"x\":"
            + random.next()
            + "}";
    for (int i = 0; i < 20; i++) {
      ByteString whole = ByteString.copyFrom(random.damaged(event));
      ByteString stream = ByteString.copyFrom(random.damaged("data: " + event + "\n\ndata: 1\n"));
      assertThatCode(
              () -> {
                List.of(openAi, anthropic, sglang).forEach(reader -> Parsers.usage(reader, whole));
                List.of(openAiStream, anthropicStream, sglangStream)
                    .forEach(reader -> Parsers.usage(reader, stream));
              })
          .doesNotThrowAnyException();
    }
  }

  private static @Nullable Usage read(UsageReader reader, String chunk) {
    return Parsers.usage(reader, ByteString.copyFromUtf8(chunk));
  }

  private static Usage usage(String numbers) {
    String[] parts = numbers.split(",", -1);
    return new Usage(
        Long.parseLong(parts[0]),
        Long.parseLong(parts[1]),
        Long.parseLong(parts[2]),
        Long.parseLong(parts[3]));
  }
}
