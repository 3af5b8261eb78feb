package ai.llmd.epp.adapter.admin;

import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/**
 * The page at {@code /metrics}: text format 0.0.4, or OpenMetrics for those who ask for it,
 * compressed when the client takes gzip. Any thread; reading costs time in proportion to the
 * series, so it belongs on a thread of the metrics server.
 */
final class MetricsPage {

  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS = "application/openmetrics-text";

  private final MetricsText metrics;

  MetricsPage(MetricsText metrics) {
    this.metrics = metrics;
  }

  /**
   * A rendered page. The array is not copied.
   *
   * @param contentEncoding {@code gzip}, or empty when not compressed
   */
  @SuppressWarnings("ArrayRecordComponent") // handed straight to the socket
  record Page(byte[] body, String contentType, String contentEncoding) {}

  /**
   * Renders every family that has a series.
   *
   * @param accept header {@code Accept}, empty when absent
   * @param acceptEncoding header {@code Accept-Encoding}, empty when absent
   */
  Page render(String accept, String acceptEncoding) {
    boolean isOpenMetrics = accept.contains(OPEN_METRICS);
    boolean isCompressed = takesGzip(acceptEncoding);
    ByteArrayOutputStream body = new ByteArrayOutputStream(64 * 1024);
    try (OutputStream out = isCompressed ? new GZIPOutputStream(body) : body;
        Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8))) {
      metrics.write(text, isOpenMetrics);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return new Page(
        body.toByteArray(), isOpenMetrics ? openMetrics(accept) : TEXT, isCompressed ? "gzip" : "");
  }

  /** The page is the same in both versions; who does not ask for 1.0.0 gets the older name. */
  private static String openMetrics(String accept) {
    String version = accept.contains("version=1.0.0") ? "1.0.0" : "0.0.1";
    return OPEN_METRICS + "; version=" + version + "; charset=utf-8";
  }

  /** An element {@code gzip} or {@code *} that is not refused by {@code q=0}. */
  private static boolean takesGzip(String acceptEncoding) {
    for (String element : acceptEncoding.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = element.split(";", 2);
      String coding = parts[0].trim();
      if (coding.equals("gzip") || coding.equals("*")) {
        return parts.length < 2 || !parts[1].trim().matches("q\\s*=\\s*0(\\.0*)?");
      }
    }
    return false;
  }
}
