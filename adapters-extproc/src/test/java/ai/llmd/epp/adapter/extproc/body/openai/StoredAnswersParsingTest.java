package ai.llmd.epp.adapter.extproc.body.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.domain.request.StoredAnswers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoredAnswersParsingTest {

  private static StoredAnswers stored(String path, String fields) {
    byte[] body = ("{\"model\":\"m\"," + fields + "}").getBytes(UTF_8);
    ParseOutcome outcome = new OpenAiParser().parse(path, name -> null, body, body.length);
    return ((ParseOutcome.Parsed) outcome).body().stored();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"input\":\"x\"|''|true",
        "\"input\":\"x\",\"store\":true|''|true",
        "\"input\":\"x\",\"store\":null|''|true",
        "\"input\":\"x\",\"store\":false|''|false",
        "\"previous_response_id\":\"resp_7\"|resp_7|true",
        "\"input\":\"x\",\"previous_response_id\":\"resp_7\",\"store\":false|resp_7|false",
        "\"input\":\"x\",\"previous_response_id\":null|''|true",
        "\"input\":\"x\",\"previous_response_id\":\"\"|''|true",
        "\"input\":\"x\",\"previous_response_id\":7|''|true",
        "\"conversation\":\"conv_1\"|conv_1|true",
        "\"conversation\":{\"id\":\"conv_1\"}|conv_1|true",
        "\"conversation\":{\"id\":7}|''|true",
        "\"input\":\"x\",\"conversation\":null|''|true",
        "\"conversation\":\"conv_1\",\"previous_response_id\":\"resp_7\"|resp_7|true"
      })
  void areThoseOfTheResponsesApi(String fields, String reference, boolean isKept) {
    assertThat(stored("/v1/responses", fields)).isEqualTo(new StoredAnswers(reference, isKept));
  }

  @Test
  void areBegunByAConversation() {
    assertThat(stored("/v1/conversations", "\"items\":[]")).isEqualTo(new StoredAnswers("", true));
  }

  @Test
  void areNoneOfOtherApis() {
    assertThat(stored("/v1/completions", "\"prompt\":\"x\",\"previous_response_id\":\"resp_7\""))
        .isEqualTo(StoredAnswers.NONE);
  }
}
