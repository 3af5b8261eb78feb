package ai.llmd.epp.adapter.extproc.body.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerIdReaderTest {

  private static final String CREATED =
      """
      event: response.created
      data: {"type":"response.created","response":{"object":"response","id":"resp_7"}}

      """;

  private static @Nullable String whole(String body) {
    AnswerIdReader reader = new AnswerIdReader(new OpenAiUsage(), false);
    read(reader, body);
    reader.finish();
    return reader.id();
  }

  private static @Nullable Usage read(UsageReader reader, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return reader.read(bytes, 0, bytes.length);
  }

  @Test
  void readsTheIdOfAWholeAnswer() {
    assertThat(whole("{\"output\":[{\"id\":\"msg_1\"}],\"id\":\"resp_7\",\"usage\":null}"))
        .isEqualTo("resp_7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"id\":7}",
        "{\"id\":\"\"}",
        "{\"id\":null}",
        "{\"id\":\"resp_7\"",
        "{\"output\":[{\"id\":\"msg_1\"}]}"
      })
  void readsNoIdWhereThereIsNone(String body) {
    assertThat(whole(body)).isNull();
  }

  @Test
  void readsTheIdOfAStreamHoweverItIsCut() {
    for (int cut = 0; cut <= CREATED.length(); cut++) {
      AnswerIdReader reader = new AnswerIdReader(OpenAiUsage.ofStream(), true);
      read(reader, CREATED.substring(0, cut));
      read(reader, CREATED.substring(cut));
      assertThat(reader.id()).as("cut at %d", cut).isEqualTo("resp_7");
    }
  }

  @Test
  void keepsTheFirstIdOfAStream() {
    AnswerIdReader reader = new AnswerIdReader(OpenAiUsage.ofStream(), true);
    read(reader, "data: {\"type\":\"error\",\"response\":null}\n\n" + CREATED);
    read(reader, CREATED.replace("resp_7", "resp_8"));

    assertThat(reader.id()).isEqualTo("resp_7");
  }

  @Test
  void readsTheUsageAllTheSame() {
    AnswerIdReader reader = new AnswerIdReader(OpenAiUsage.ofStream(), true);
    read(reader, CREATED);
    Usage usage =
        read(
            reader,
            """
            data: {"type":"response.completed","response":{"id":"resp_7","usage":\
            {"input_tokens":5,"output_tokens":6,"total_tokens":11}}}

            """);

    assertThat(usage).isEqualTo(new Usage(5, 6, 11, -1));
    assertThat(reader.streamedEvents()).isEqualTo(2);
  }
}
