package ai.llmd.epp.adapter.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsPageTest {

  private final MetricsPage page =
      new MetricsPage((out, isOpenMetrics) -> out.write(isOpenMetrics ? "open é" : "text é"));

  private static String text(MetricsPage.Page rendered) {
    return new String(rendered.body(), StandardCharsets.UTF_8);
  }

  @Test
  void writesTheTextFormatUnlessAskedForAnother() {
    MetricsPage.Page rendered = page.render("*/*", "");

    assertThat(rendered.contentType()).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    assertThat(rendered.contentEncoding()).isEmpty();
    assertThat(text(rendered)).isEqualTo("text é");
  }

  @Test
  void writesOpenMetricsForThoseWhoAskForIt() {
    MetricsPage.Page rendered =
        page.render("application/openmetrics-text;version=1.0.0,text/plain;q=0.5", "");

    assertThat(rendered.contentType())
        .isEqualTo("application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertThat(text(rendered)).isEqualTo("open é");
  }

  @Test
  void namesTheOlderOpenMetricsVersionByDefault() {
    assertThat(page.render("application/openmetrics-text", "").contentType())
        .isEqualTo("application/openmetrics-text; version=0.0.1; charset=utf-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate, gzip;q=0.8", "GZIP", "*", "br, *;q=0.1"})
  void compressesForThoseWhoTakeIt(String acceptEncoding) throws IOException {
    MetricsPage.Page rendered = page.render("", acceptEncoding);

    assertThat(rendered.contentEncoding()).isEqualTo("gzip");
    try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(rendered.body()))) {
      assertThat(unpacked.readAllBytes()).isEqualTo(page.render("", "").body());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "identity", "gzip;q=0", "gzip; q=0.0", "br"})
  void compressesForNoOtherClient(String acceptEncoding) {
    assertThat(page.render("", acceptEncoding).contentEncoding()).isEmpty();
  }
}
