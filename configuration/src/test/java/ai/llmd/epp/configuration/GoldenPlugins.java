package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.configuration.plugin.PluginRegistry;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.Problem;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.SourceLocation;
import ai.llmd.epp.yaml.Value;
import ai.llmd.epp.yaml.YamlText;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Builds a case's plugin as a configuration would: through the registry and the binder. */
final class GoldenPlugins {

  /** The real plugins. */
  static final PluginRegistry REGISTRY = PluginRegistry.of(Loading.catalogues());

  private static final SourceLocation NOWHERE = SourceLocation.unwritten("");

  private GoldenPlugins() {}

  /** The plugin of a case that must be accepted. */
  static Plugin build(GoldenCase golden) {
    Problems problems = new Problems("golden");
    Instances instances = create(golden, problems);
    assertThat(problems.inOrder()).isEmpty();
    return instances.get(golden.name()).orElseThrow().plugin();
  }

  /** What is wrong with a case's plugins. */
  static List<Problem> problems(GoldenCase golden) {
    Problems problems = new Problems("golden");
    create(golden, problems);
    return problems.inOrder();
  }

  private static Instances create(GoldenCase golden, Problems problems) {
    var instances = new Instances(REGISTRY, Loading.services(), problems);
    for (JsonNode other : golden.json().path("otherPlugins")) {
      String type = other.get("type").asString();
      instances.create(
          other.path("name").asString(type),
          new LocatedText(type, NOWHERE),
          parameters(other.get("parameters"), problems));
    }
    instances.create(
        golden.name(),
        new LocatedText(golden.plugin(), NOWHERE),
        parameters(golden.json().get("parameters"), problems));
    return instances;
  }

  private static Value parameters(JsonNode written, Problems problems) {
    return YamlText.read(written == null ? "" : written.toString(), "golden", problems);
  }
}
