package ai.llmd.epp.adapter.metrics.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.adapter.metrics.scrape.MetricSpec.Label;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetricSpecTest {

  @Test
  void readsANameAndLabels() {
    MetricSpec spec = MetricSpec.parse("  a:b_1 { tier = \"go,ld\\\"}\" ,zone=a-1, e=\"\" } ");
    assertThat(spec.family()).isEqualTo("a:b_1");
    assertThat(spec.labels())
        .containsExactly(
            new Label("tier", "go,ld\"}"), new Label("zone", "a-1"), new Label("e", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"m", " m ", "m{}", "m { }"})
  void needsNoLabels(String text) {
    assertThat(MetricSpec.parse(text).labels()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"9bad", " ", "a b", "m{", "m}", "m{a=b} c", "{a=b}", "m-n"})
  void refusesWhatIsNoSpecification(String text) {
    assertThatThrownBy(() -> MetricSpec.parse(text))
        .hasMessage("not a valid metric specification: \"" + text + "\"");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {"m{a=},a=", "'m{a=b,}',''", "'m{a=b,c}',c", "'m{a=\"b}','a=\"b'", "m{1a=b},1a=b"})
  void namesTheLabelPairThatIsWrong(String text, String pair) {
    assertThatThrownBy(() -> MetricSpec.parse(text))
        .hasMessage("invalid label pair \"" + pair + "\" in specification: \"" + text + "\"");
  }
}
