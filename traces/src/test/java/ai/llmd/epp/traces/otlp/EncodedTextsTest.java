package ai.llmd.epp.traces.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.traces.span.AttributeName;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EncodedTextsTest {

  private static final AttributeName NAME = AttributeName.of("a.name");

  private final EncodedTexts texts = new EncodedTexts();

  private void assertEncoded(AttributeName name, String value) throws Exception {
    KeyValue read = KeyValue.parseFrom(texts.of(name, value));
    assertThat(read.getKey()).isEqualTo(name.text());
    assertThat(read.getValue().getStringValue()).isEqualTo(value);
  }

  @Test
  void whatWasEncodedLatelyIsTakenAgain() throws Exception {
    byte[] first = texts.of(NAME, "a value");
    assertThat(texts.of(NAME, "a ".concat("value"))).isSameAs(first);
    assertEncoded(NAME, "a value");
    assertEncoded(AttributeName.of("another"), "a value");
  }

  @Test
  void manyValuesAreEachTheirOwn() throws Exception {
    for (String value :
        IntStream.range(0, 3_000).mapToObj(i -> "é" + i % 1_000 + "x".repeat(i % 200)).toList()) {
      assertEncoded(NAME, value);
      assertEncoded(AttributeName.of("n" + value.length()), value);
    }
  }

  @Test
  void longValuesAreNotKept() {
    String value = "x".repeat(EncodedTexts.MAX_KEPT + 1);
    assertThat(texts.of(NAME, value)).isNotSameAs(texts.of(NAME, value));
  }

  @Test
  void valuesOfOneHashTakeTurns() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertEncoded(NAME, "Aa"); // the hash of both is the same
      assertEncoded(NAME, "BB");
    }
  }
}
