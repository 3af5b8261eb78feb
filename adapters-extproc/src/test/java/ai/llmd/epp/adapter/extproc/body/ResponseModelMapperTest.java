package ai.llmd.epp.adapter.extproc.body;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseModelMapperTest {

  private final ResponseModelMapper mapper = new ResponseModelMapper("served", "m");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"model\":\"served\"}|{\"model\":\"m\"}",
        "a\"model\":\"served\"\"model\":\"served\"b|a\"model\":\"m\"\"model\":\"m\"b",
        "{\"model\": \"served\"}|{\"model\": \"m\"}",
        "\"model\": \"served\" \"model\":\"served\"|\"model\": \"served\" \"model\":\"m\"",
      })
  void putsTheClientsNameBack(String chunk, String mapped) {
    assertThat(map(chunk)).isEqualTo(mapped);
    assertThat(map(chunk)).isEqualTo(mapped); // and again, being reused
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``",
        "{\"model\":  \"served\"}",
        "{\"model\":\"served-x\"}",
        "{\"model\" :\"served\"}",
        "{\"xmodel\":\"serve\"}",
        "\"model\":\"serve",
        "{\"id\":1}",
      })
  void leavesOtherChunksUncopied(String chunk) {
    ByteString bytes = ByteString.copyFromUtf8(chunk);
    assertThat(mapper.map(bytes)).isSameAs(bytes);
  }

  @Test
  void findsNamesAsJsonWritesThem() {
    var quoting = new ResponseModelMapper("a\"b", "c\\d");
    assertThat(quoting.map(ByteString.copyFromUtf8("{\"model\":\"a\\\"b\"}")).toStringUtf8())
        .isEqualTo("{\"model\":\"c\\\\d\"}");
  }

  private String map(String chunk) {
    return mapper.map(ByteString.copyFromUtf8(chunk)).toStringUtf8();
  }
}
