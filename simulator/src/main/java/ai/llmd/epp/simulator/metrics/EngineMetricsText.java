package ai.llmd.epp.simulator.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Writes Prometheus' text format, version 0.0.4. */
final class EngineMetricsText {

  private final StringBuilder text = new StringBuilder(16 * 1024);
  private final String modelLabel;

  EngineMetricsText(String model) {
    this.modelLabel = "model_name=\"" + escape(model) + '"';
  }

  void type(String name, String type) {
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  /** A sample with the model's label. */
  void sample(String name, double value) {
    text.append(name).append('{').append(modelLabel).append("} ");
    number(value);
  }

  /** A sample with the model's label and one more. */
  void sample(String name, String label, String labelValue, double value) {
    text.append(name).append('{').append(modelLabel).append(',').append(label).append("=\"");
    text.append(escape(labelValue)).append("\"} ");
    number(value);
  }

  /** A sample with other labels; the values must be escaped already. */
  void labelled(String name, String labels, double value) {
    text.append(name).append('{').append(labels).append("} ");
    number(value);
  }

  void bucket(String name, double bound, long count) {
    text.append(name).append("_bucket{").append(modelLabel).append(",le=\"");
    text.append(Double.isInfinite(bound) ? "+Inf" : Double.toString(bound)).append("\"} ");
    number((double) count);
  }

  byte[] toBytes() {
    return text.toString().getBytes(UTF_8);
  }

  static String escape(String labelValue) {
    return labelValue.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  private void number(double value) {
    if (value == (long) value) {
      text.append((long) value);
    } else {
      text.append(value);
    }
    text.append('\n');
  }
}
