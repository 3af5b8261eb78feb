package ai.llmd.epp.adapter.telemetry.exposition;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBucket;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import java.io.IOException;
import java.io.Writer;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes one page of the text format 0.0.4, or of OpenMetrics, with numbers as the Go client spells
 * them. The Java client's writer writes {@code le="1.0"} where Go writes {@code le="1"} in the text
 * format: two different series for every rule that names a bucket. Belongs to one scrape.
 */
public final class PrometheusText {

  private final Writer out;
  private final boolean isOpenMetrics;
  private final Map<Double, String> bounds = new HashMap<>();

  private PrometheusText(Writer out, boolean isOpenMetrics) {
    this.out = out;
    this.isOpenMetrics = isOpenMetrics;
  }

  /**
   * Writes every family; of one without a series its type, so that readers see from the start what
   * there will be. Costs time in proportion to the series.
   *
   * @param isOpenMetrics in the format OpenMetrics instead of the text format 0.0.4
   */
  public static void write(MetricSnapshots snapshots, Writer out, boolean isOpenMetrics)
      throws IOException {
    new PrometheusText(out, isOpenMetrics).write(snapshots);
  }

  private void write(MetricSnapshots snapshots) throws IOException {
    for (MetricSnapshot snapshot : snapshots) {
      write(snapshot);
    }
    if (isOpenMetrics) {
      out.append("# EOF\n");
    }
  }

  private void write(MetricSnapshot snapshot) throws IOException {
    String name = snapshot.getMetadata().getPrometheusName();
    switch (snapshot) {
      case CounterSnapshot counters -> counters(name, counters);
      case GaugeSnapshot gauges -> gauges(name, gauges);
      case HistogramSnapshot histograms -> histograms(name, histograms);
      case SummarySnapshot summaries -> summaries(name, summaries);
      case InfoSnapshot infos -> infos(name, infos);
      case UnknownSnapshot unknowns -> unknowns(name, unknowns);
      default -> throw new IllegalStateException("cannot show metric " + name);
    }
  }

  private void counters(String name, CounterSnapshot counters) throws IOException {
    String total = withSuffix(name, "_total");
    String family = isOpenMetrics ? withoutSuffix(name, "_total") : total;
    head(family, counters.getMetadata(), "counter");
    for (CounterDataPointSnapshot point : counters.getDataPoints()) {
      line(total, point.getLabels(), GoNumber.format(point.getValue()));
    }
  }

  private void gauges(String name, GaugeSnapshot gauges) throws IOException {
    head(name, gauges.getMetadata(), "gauge");
    for (GaugeDataPointSnapshot point : gauges.getDataPoints()) {
      line(name, point.getLabels(), GoNumber.format(point.getValue()));
    }
  }

  private void histograms(String name, HistogramSnapshot histograms) throws IOException {
    head(name, histograms.getMetadata(), "histogram");
    for (HistogramDataPointSnapshot point : histograms.getDataPoints()) {
      histogram(name, point);
    }
  }

  private void summaries(String name, SummarySnapshot summaries) throws IOException {
    head(name, summaries.getMetadata(), "summary");
    for (SummaryDataPointSnapshot point : summaries.getDataPoints()) {
      summary(name, point);
    }
  }

  private void infos(String name, InfoSnapshot infos) throws IOException {
    String info = withSuffix(name, "_info");
    String family = isOpenMetrics ? withoutSuffix(name, "_info") : info;
    head(family, infos.getMetadata(), isOpenMetrics ? "info" : "gauge");
    for (var point : infos.getDataPoints()) {
      line(info, point.getLabels(), "1");
    }
  }

  private void unknowns(String name, UnknownSnapshot unknowns) throws IOException {
    head(name, unknowns.getMetadata(), isOpenMetrics ? "unknown" : "untyped");
    for (UnknownDataPointSnapshot point : unknowns.getDataPoints()) {
      line(name, point.getLabels(), GoNumber.format(point.getValue()));
    }
  }

  private void histogram(String name, HistogramDataPointSnapshot point) throws IOException {
    long cumulative = 0;
    double lower = Double.NEGATIVE_INFINITY;
    for (ClassicHistogramBucket bucket : point.getClassicBuckets()) {
      cumulative += bucket.getCount();
      String bound = bounds.computeIfAbsent(bucket.getUpperBound(), this::bound);
      String count = Long.toString(cumulative);
      line(name + "_bucket", point.getLabels(), "le", bound, count + example(point, lower, bucket));
      lower = bucket.getUpperBound();
    }
    line(name + "_sum", point.getLabels(), GoNumber.format(point.getSum()));
    line(name + "_count", point.getLabels(), Long.toString(cumulative));
  }

  /** A request of the bucket that has a trace, as OpenMetrics 1.0 writes it; else nothing. */
  private String example(
      HistogramDataPointSnapshot point, double lower, ClassicHistogramBucket bucket) {
    Exemplar exemplar =
        isOpenMetrics && point.getExemplars().size() > 0
            ? point.getExemplars().get(lower, bucket.getUpperBound())
            : null;
    if (exemplar == null) {
      return "";
    }
    return " # {trace_id=\"%s\",span_id=\"%s\"} %s %d.%03d"
        .formatted(
            exemplar.getLabels().get(Exemplar.TRACE_ID),
            exemplar.getLabels().get(Exemplar.SPAN_ID),
            GoNumber.format(exemplar.getValue()),
            exemplar.getTimestampMillis() / 1_000,
            exemplar.getTimestampMillis() % 1_000);
  }

  private void summary(String name, SummaryDataPointSnapshot point) throws IOException {
    for (Quantile quantile : point.getQuantiles()) {
      line(
          name,
          point.getLabels(),
          "quantile",
          bound(quantile.getQuantile()),
          GoNumber.format(quantile.getValue()));
    }
    if (point.hasSum()) {
      line(name + "_sum", point.getLabels(), GoNumber.format(point.getSum()));
    }
    if (point.hasCount()) {
      line(name + "_count", point.getLabels(), Long.toString(point.getCount()));
    }
  }

  private void head(String name, MetricMetadata metadata, String type) throws IOException {
    String help = metadata.getHelp();
    if (help != null) {
      out.append("# HELP ").append(name).append(' ');
      escape(help, false);
      out.append('\n');
    }
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private void line(String name, Labels labels, String value) throws IOException {
    line(name, labels, "", "", value);
  }

  private void line(String name, Labels labels, String extraName, String extra, String value)
      throws IOException {
    out.append(name);
    char separator = '{';
    for (int i = 0; i < labels.size(); i++) {
      label(separator, labels.getPrometheusName(i), labels.getValue(i));
      separator = ',';
    }
    if (!extraName.isEmpty()) {
      label(separator, extraName, extra);
      separator = ',';
    }
    if (separator == ',') {
      out.append('}');
    }
    out.append(' ').append(value).append('\n');
  }

  private void label(char separator, String name, String value) throws IOException {
    out.append(separator).append(name).append("=\"");
    escape(value, true);
    out.append('"');
  }

  private void escape(String text, boolean isLabel) throws IOException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '"' -> out.append(isLabel || isOpenMetrics ? "\\\"" : "\"");
        default -> out.append(c);
      }
    }
  }

  /** OpenMetrics wants a number that is part of a name to look like a float. */
  private String bound(double value) {
    String text = GoNumber.format(value);
    boolean isInteger =
        value == Math.rint(value) && text.indexOf('e') < 0 && Double.isFinite(value);
    return isOpenMetrics && isInteger ? text + ".0" : text;
  }

  private static String withoutSuffix(String name, String suffix) {
    return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
  }

  private static String withSuffix(String name, String suffix) {
    return name.endsWith(suffix) ? name : name + suffix;
  }
}
