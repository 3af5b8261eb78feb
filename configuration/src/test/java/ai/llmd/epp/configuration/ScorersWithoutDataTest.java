package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.llmd.epp.yaml.InvalidDocumentException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScorersWithoutDataTest {

  @ParameterizedTest
  @CsvSource({
    "multicluster-queue-scorer, llm-d.ai/multicluster-queue-size/",
    "multicluster-kv-cache-utilization-scorer, llm-d.ai/multicluster-kv-cache-utilization/"
  })
  void refuseTheStartAndNameTheMissingKey(String type, String key) {
    var refused =
        catchThrowableOfType(
            InvalidDocumentException.class,
            () -> Loading.load("plugins: [{type: " + type + "}]", true));
    assertThat(refused.problems()).hasSize(1);
    assertThat(refused.problems().getFirst().toString()).contains("needs data \"" + key + "\"");
  }
}
