package ai.llmd.epp.acceptance.inprocess;

import java.util.stream.Stream;

/** A metrics page in Prometheus' text format. */
public record MetricsText(String text) {

  /**
   * The sum over all samples of a name with these labels and any others; 0 when there is none.
   *
   * @param labels as in the text, such as {@code model_name="m"}
   */
  public double sum(String name, String... labels) {
    return text.lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .filter(line -> Stream.of(labels).allMatch(label -> hasLabel(line, label)))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static boolean hasLabel(String line, String label) {
    return line.contains("{" + label) || line.contains("," + label);
  }
}
