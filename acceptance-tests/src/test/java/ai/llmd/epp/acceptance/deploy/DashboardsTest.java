package ai.llmd.epp.acceptance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What Grafana needs of a dashboard to import and show it. Members and kinds are checked against
 * its published types by {@code deploy/observability/check-dashboards.sh}, which needs npm.
 */
class DashboardsTest {

  private static final int COLUMNS = 24;
  private static final Set<String> PANELS =
      Set.of("row", "timeseries", "stat", "table", "bargauge", "gauge", "heatmap", "text");

  /** The variables that Grafana itself knows begin with two underscores. */
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{?([a-z]\\w*)");

  static List<Path> dashboards() throws IOException {
    try (Stream<Path> files = Files.list(Manifests.DEPLOY.resolve("observability/dashboards"))) {
      return Stream.concat(files, Stream.of(Helm.CHARTS.resolve("lib/files/dashboard.json")))
          .sorted()
          .toList();
    }
  }

  private static JsonNode read(Path file) throws IOException {
    return JsonMapper.shared().readTree(Files.readString(file));
  }

  private static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }

  private record Place(int x, int y, int width, int height) {

    static Place of(JsonNode panel) {
      JsonNode place = panel.path("gridPos");
      return new Place(
          place.path("x").asInt(-1),
          place.path("y").asInt(-1),
          place.path("w").asInt(-1),
          place.path("h").asInt(-1));
    }

    boolean isInGrid() {
      return x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= COLUMNS;
    }

    boolean overlaps(Place other) {
      return x < other.x + other.width
          && other.x < x + width
          && y < other.y + other.height
          && other.y < y + height;
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void isOneThatGrafanaImports(Path file) throws IOException {
    JsonNode dashboard = read(file);

    assertThat(dashboard.path("schemaVersion").asInt()).isBetween(36, 42);
    assertThat(dashboard.path("title").asString()).isNotBlank();
    assertThat(dashboard.path("uid").asString()).matches("[a-zA-Z0-9_-]{1,40}");
    assertThat(dashboard.has("id")).as("an id is one installation's own").isFalse();
    assertThat(dashboard.has("__inputs")).as("a question at the import").isFalse();
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void panelsHaveAPlaceOfTheirOwn(Path file) throws IOException {
    List<JsonNode> panels = list(read(file).path("panels"));

    assertThat(panels).isNotEmpty();
    assertThat(panels).extracting(panel -> panel.path("id").asInt(-1)).doesNotHaveDuplicates();
    for (int i = 0; i < panels.size(); i++) {
      Place place = Place.of(panels.get(i));
      assertThat(place.isInGrid()).as("%s", panels.get(i).path("title")).isTrue();
      for (int j = 0; j < i; j++) {
        assertThat(place.overlaps(Place.of(panels.get(j))))
            .as("%s over %s", panels.get(i).path("title"), panels.get(j).path("title"))
            .isFalse();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void panelsAskTheSourceThatIsChosen(Path file) throws IOException {
    for (JsonNode panel : list(read(file).path("panels"))) {
      String title = panel.path("title").asString();
      assertThat(title).isNotBlank();
      assertThat(PANELS).as(title).contains(panel.path("type").asString());
      if (panel.path("type").asString().matches("row|text")) {
        continue;
      }
      List<JsonNode> targets = list(panel.path("targets"));
      assertThat(targets).as(title).isNotEmpty();
      assertThat(targets)
          .as(title)
          .extracting(target -> target.path("refId").asString())
          .allMatch(id -> !id.isEmpty())
          .doesNotHaveDuplicates();
      assertThat(targets)
          .as(title)
          .allMatch(target -> !target.path("expr").asString().isBlank())
          .allMatch(target -> !target.has("datasource") || isChosen(target.path("datasource")));
      assertThat(isChosen(panel.path("datasource"))).as(title).isTrue();
    }
  }

  private static boolean isChosen(JsonNode source) {
    return source.path("type").asString().equals("prometheus")
        && source.path("uid").asString().matches("\\$\\{?datasource}?");
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void everyVariableIsThere(Path file) throws IOException {
    JsonNode dashboard = read(file);
    Set<String> defined = new HashSet<>();
    for (JsonNode variable : list(dashboard.path("templating").path("list"))) {
      String name = variable.path("name").asString();
      if (variable.path("type").asString().equals("query")) {
        assertThat(isChosen(variable.path("datasource"))).as(name).isTrue();
      }
      VARIABLE
          .matcher(variable.path("query").toString())
          .results()
          .forEach(used -> assertThat(defined).as("before " + name).contains(used.group(1)));
      defined.add(name);
    }

    assertThat(list(dashboard.path("templating").path("list")))
        .anyMatch(
            variable ->
                variable.path("name").asString().equals("datasource")
                    && variable.path("type").asString().equals("datasource")
                    && variable.path("query").asString().equals("prometheus"));
    VARIABLE
        .matcher(dashboard.path("panels").toString())
        .results()
        .forEach(used -> assertThat(defined).contains(used.group(1)));
  }
}
