package ai.llmd.epp.adapter.admin;

import java.io.IOException;
import java.io.Writer;

/** Writes our own metrics as they are now. Any thread. */
@FunctionalInterface
public interface MetricsText {

  /**
   * Writes every metric as it is now.
   *
   * @param isOpenMetrics in the format OpenMetrics instead of Prometheus' text format 0.0.4
   */
  void write(Writer out, boolean isOpenMetrics) throws IOException;
}
