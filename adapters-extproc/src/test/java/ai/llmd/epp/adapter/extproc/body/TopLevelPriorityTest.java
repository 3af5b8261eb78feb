package ai.llmd.epp.adapter.extproc.body;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopLevelPriorityTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "{} | {\"priority\":-7}",
        "{ } | {\"priority\":-7 }",
        "{\"model\":\"m\"} | {\"priority\":-7,\"model\":\"m\"}",
        "{\"priority\": 3, \"a\":1} | {\"priority\": -7, \"a\":1}",
        "{\"priority\":null,\"a\":{\"priority\":1},\"priority\":\"x\"} "
            + "| {\"priority\":-7,\"a\":{\"priority\":1},\"priority\":-7}",
        "{\"Priority\":1} | {\"priority\":-7,\"Priority\":1}"
      })
  void writesThePriorityAndLeavesTheRest(String body, String expected) {
    assertThat(TopLevelPriority.written(ByteString.copyFromUtf8(body), -7).toStringUtf8())
        .isEqualTo(expected);
  }
}
