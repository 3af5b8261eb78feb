package ai.llmd.epp.acceptance.docs;

import static ai.llmd.epp.acceptance.docs.Markdown.code;

import ai.llmd.epp.acceptance.metrics.ReferenceNames;
import ai.llmd.epp.bootstrap.MetricFamilies;
import ai.llmd.epp.bootstrap.MetricFamilies.Family;
import java.util.List;
import java.util.stream.Collectors;

/** {@code docs/metrics.md}. */
final class MetricsPage {

  private MetricsPage() {}

  static String text() {
    List<Family> families = MetricFamilies.registered();
    Markdown page =
        new Markdown()
            .heading(1, "Metrics")
            .paragraph(
                """
                Generated from what is registered at start; see
                [CONTRIBUTING.md](../CONTRIBUTING.md#generated-pages). `GET /metrics` on the admin port answers in the
                Prometheus text format, or OpenMetrics for those who accept it. Of a family without a series
                its type is shown. Families of the JVM and of the process (`jvm_*`, `process_*`, `system_*`) depend on the machine
                and are left out here.\
                """)
            .table("family", "type", "labels", "what");
    for (Family family : families) {
      if (!family.isDeprecated()) {
        String condition = family.isOfStreams() ? " With `--enable-grpc-stream-metrics`." : "";
        page.row(code(family.name()), family.type(), labels(family), family.help() + condition);
      }
    }
    page.heading(2, "Deprecated names")
        .paragraph(
            "The same numbers under the names that older dashboards ask for, unless"
                + " `--legacy-metrics=false`.")
        .table("family", "type", "labels", "use");
    for (Family family : families) {
      if (family.isDeprecated()) {
        page.row(code(family.name()), family.type(), labels(family), code(family.successor()));
      }
    }
    page.heading(2, "Names of the reference that do not exist")
        .paragraph(
            "Every other of its names is on the page; a test counts them, from the first scrape"
                + " on.")
        .table("family", "why");
    for (ReferenceNames.Name name : ReferenceNames.all()) {
      if (!name.reason().isEmpty()) {
        page.row(code(name.name()), name.reason());
      }
    }
    return page.text();
  }

  private static String labels(Family family) {
    return family.labels().stream().map(Markdown::code).collect(Collectors.joining(", "));
  }
}
