package ai.llmd.epp.acceptance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The alerts and panels that are shipped ask for what the program shows. */
class AlertsTest {

  /** The generated page lists every family with its labels. */
  private static final Pattern FAMILY =
      Pattern.compile("(?m)^\\| `(\\w+)` \\| \\w+ \\| ([^|]*)\\|");

  private static final Pattern ASKED =
      Pattern.compile("\\b(llm_d_epp_\\w+|inference_\\w+)\\b(?!\\s*[=!])");
  private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*(?:=~|!=|!~|=)\\s*\"");
  private static final Pattern BY = Pattern.compile("by \\(([^)]*)\\)");

  /** What Prometheus adds to each series, or a histogram to its buckets. */
  private static final Set<String> ADDED = Set.of("namespace", "job", "le");

  private static final Pattern PANEL = Pattern.compile("\"expr\": \"((?:[^\"\\\\]|\\\\.)*)\"");

  private static Map<String, String> families() throws Exception {
    String page = Files.readString(Manifests.DEPLOY.resolveSibling("docs/metrics.md"));
    return FAMILY
        .matcher(page)
        .results()
        .collect(Collectors.toMap(family -> family.group(1), family -> family.group(2)));
  }

  private static List<Map<String, Object>> rules() {
    GenericKubernetesResource rules =
        Manifests.of("monitoring").generic("PrometheusRule").findFirst().orElseThrow();
    return rules.<List<Map<String, List<Map<String, Object>>>>>get("spec", "groups").stream()
        .flatMap(group -> Objects.requireNonNull(group.get("rules")).stream())
        .toList();
  }

  private static String expression(Map<String, Object> rule) {
    return Objects.requireNonNull(rule.get("expr")).toString();
  }

  private static List<Path> dashboards() throws IOException {
    try (Stream<Path> files = Files.list(Manifests.DEPLOY.resolve("observability/dashboards"))) {
      return Stream.concat(Stream.of(Helm.CHARTS.resolve("lib/files/dashboard.json")), files)
          .sorted()
          .toList();
    }
  }

  private static List<String> panels() throws IOException {
    List<String> expressions = new ArrayList<>();
    for (Path dashboard : dashboards()) {
      PANEL
          .matcher(Files.readString(dashboard))
          .results()
          .map(panel -> panel.group(1).replace("\\\"", "\""))
          .forEach(expressions::add);
    }
    return expressions;
  }

  /** What KEDA asks Prometheus for. */
  private static List<String> triggers() {
    return Manifests.read(Manifests.DEPLOY.resolve("observability/scaled-object.yaml")).stream()
        .map(GenericKubernetesResource.class::cast)
        .flatMap(
            scaled ->
                scaled.<List<Map<String, Map<String, Object>>>>get("spec", "triggers").stream())
        .map(trigger -> Objects.requireNonNull(trigger.get("metadata")))
        .map(metadata -> Objects.requireNonNull(metadata.get("query")).toString())
        .toList();
  }

  @Test
  void everyAlertHasItsPlaceInTheRunbook() throws Exception {
    String page = Files.readString(Manifests.DEPLOY.resolveSibling("docs/runbook.md"));
    for (Map<String, Object> rule : rules()) {
      String alert = Objects.requireNonNull(rule.get("alert")).toString();
      assertThat(page).contains("\n### " + alert + "\n");
      assertThat(Objects.requireNonNull(rule.get("annotations")).toString())
          .contains("docs/runbook.md#" + alert.toLowerCase(Locale.ROOT));
    }
  }

  @Test
  void everyDashboardIsOneOfItsOwnAndEachPanelHasItsPlace() throws Exception {
    List<String> names = new ArrayList<>();
    for (Path file : dashboards()) {
      JsonNode dashboard = JsonMapper.shared().readTree(Files.readString(file));
      names.add(dashboard.get("uid").asString());
      assertThat(dashboard.get("schemaVersion").asInt()).isGreaterThanOrEqualTo(39);
      Set<String> places = new TreeSet<>();
      Set<Integer> ids = new TreeSet<>();
      for (JsonNode panel : dashboard.get("panels")) {
        places.add(panel.get("gridPos").toString());
        ids.add(panel.get("id").asInt());
        assertThat(panel.get("targets")).as(panel.get("title").asString()).isNotEmpty();
      }
      assertThat(places).as(file.toString()).hasSameSizeAs(dashboard.get("panels"));
      assertThat(ids).as(file.toString()).hasSameSizeAs(dashboard.get("panels"));
    }
    assertThat(names).doesNotHaveDuplicates().hasSize(6);
  }

  private static Set<String> labels(String expression) {
    Set<String> labels = new TreeSet<>();
    LABEL.matcher(expression).results().map(found -> found.group(1)).forEach(labels::add);
    BY.matcher(expression)
        .results()
        .forEach(by -> labels.addAll(List.of(by.group(1).split(",\\s*", -1))));
    labels.removeAll(ADDED);
    return labels;
  }

  /**
   * A family with labels has no series before the first request that is counted in it, and a
   * comparison with nothing is silent. One without labels is there from the first scrape.
   */
  @Test
  void noAlertComparesWithWhatIsNotThereBeforeTheFirstRequest() throws Exception {
    Map<String, String> families = families();
    for (Map<String, Object> rule : rules()) {
      String expression = expression(rule);
      String limit = expression.substring(expression.lastIndexOf(" > ") + 1);
      ASKED
          .matcher(expression.contains(" > ") ? limit : "")
          .results()
          .map(name -> name.group().replaceFirst("_(bucket|sum|count)$", ""))
          .forEach(name -> assertThat(families.get(name)).as(expression).isBlank());
    }
  }

  @Test
  void everyMetricAndLabelExists() throws Exception {
    Map<String, String> families = families();
    assertThat(rules()).isNotEmpty();
    assertThat(panels()).hasSizeGreaterThan(50);
    assertThat(triggers()).hasSize(2);
    List<String> expressions = new ArrayList<>(panels());
    expressions.addAll(triggers());
    rules().stream().map(AlertsTest::expression).forEach(expressions::add);
    for (String expression : expressions) {
      List<String> asked = ASKED.matcher(expression).results().map(MatchResult::group).toList();
      assertThat(asked).as(expression).isNotEmpty();
      for (String name : asked) {
        String family = name.replaceFirst("_(bucket|sum|count)$", "");
        assertThat(families).as(expression).containsKey(family);
        assertThat(labels(expression))
            .as(expression)
            .allMatch(
                label -> Objects.requireNonNull(families.get(family)).contains('`' + label + '`'));
      }
    }
  }
}
