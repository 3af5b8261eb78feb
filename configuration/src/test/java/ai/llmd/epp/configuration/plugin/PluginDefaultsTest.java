package ai.llmd.epp.configuration.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.RecordBinder;
import ai.llmd.epp.yaml.RecordTree;
import ai.llmd.epp.yaml.Value;
import ai.llmd.epp.yaml.YamlText;
import ai.llmd.epp.yaml.YamlWriter;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The defaults of every plugin type, written as a configuration, read as the same. */
class PluginDefaultsTest {

  private static final PluginRegistry REGISTRY = PluginRegistry.discover();

  static Set<String> types() {
    return REGISTRY.names();
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyTypesDefaultsReadAsThemselves(String type) throws Value.Mistyped {
    Record defaults = REGISTRY.find(type).orElseThrow().defaults();
    if (!(defaults instanceof NoParameters)) {
      assertThat(reread(defaults)).isEqualTo(defaults);
    }
  }

  private static @Nullable Record reread(Record defaults) throws Value.Mistyped {
    YamlWriter yaml = new YamlWriter();
    yaml.field(0, "parameters", List.of(RecordTree.of(defaults)));
    Problems problems = new Problems("test");
    Value read = YamlText.read(yaml.toString(), "test", problems);
    Value item = Objects.requireNonNull(read.fields().get("parameters")).items().getFirst();
    Record bound = bind(item, defaults, problems);
    assertThat(problems.inOrder()).as(yaml.toString()).isEmpty();
    return bound;
  }

  @SuppressWarnings("unchecked") // the class of an R
  private static <R extends Record> @Nullable R bind(Value value, R defaults, Problems problems) {
    return new RecordBinder(false, problems).bind(value, (Class<R>) defaults.getClass(), defaults);
  }
}
