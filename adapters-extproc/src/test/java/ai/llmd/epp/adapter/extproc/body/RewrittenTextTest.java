package ai.llmd.epp.adapter.extproc.body;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.request.Utf8Text;
import ai.llmd.epp.json.JsonScanner;
import ai.llmd.epp.json.RandomJson;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class RewrittenTextTest {

  @RepeatedTest(300)
  void isAsLongAsWhatItWrites(RepetitionInfo round) {
    byte[] bytes =
        new RandomJson(round.getCurrentRepetition()).next().getBytes(StandardCharsets.UTF_8);
    JsonScanner json = new JsonScanner(bytes, 0, bytes.length);
    int start = json.position();
    json.skip();
    assertMeasured(new CanonicalText(bytes, start, json.position()));
    assertMeasured(new CompactText(bytes, start, json.position()));
  }

  private static void assertMeasured(Utf8Text text) {
    assertThat(TextBytes.bytes(text)).hasSize(text.byteLength());
  }

  @Test
  void compactsWithoutReordering() {
    byte[] bytes = "{ \"b\" : \"<\" , \"a\" : 1.0 }".getBytes(StandardCharsets.UTF_8);
    assertThat(TextBytes.string(new CompactText(bytes, 0, bytes.length)))
        .isEqualTo("{\"b\":\"\\u003c\",\"a\":1.0}");
    assertThat(TextBytes.string(new CanonicalText(bytes, 0, bytes.length)))
        .isEqualTo("{\"a\":1,\"b\":\"\\u003c\"}");
  }

  @Test
  void doesNotShowItsText() {
    byte[] bytes = "\"secret\"".getBytes(StandardCharsets.UTF_8);
    assertThat(new CanonicalText(bytes, 0, 8).toString()).doesNotContain("secret");
    assertThat(new CompactText(bytes, 0, 8).toString()).doesNotContain("secret");
    assertThat(BodyText.read(new JsonScanner(bytes, 0, 8)).toString()).doesNotContain("secret");
  }
}
