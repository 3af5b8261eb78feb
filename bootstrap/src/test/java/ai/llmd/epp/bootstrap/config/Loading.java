package ai.llmd.epp.bootstrap.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.llmd.epp.domain.plugins.DomainPlugins;
import java.util.List;
import java.util.Map;

/** Loads configuration texts with the domain's plugins and stand-ins for the rest. */
final class Loading {

  static final PluginRegistry REGISTRY =
      PluginRegistry.of(List.of(new DomainPlugins(), new DormantFlowPolicies(), new FakePlugins()));

  private Loading() {}

  static EffectiveConfiguration load(String text) throws ConfigurationException {
    return load(text, false);
  }

  static EffectiveConfiguration load(String text, boolean allowsExperimental)
      throws ConfigurationException {
    var document = ConfigurationDocument.read(new ConfigurationSource("epp.yaml", text));
    return new ConfigurationLoader(REGISTRY, FakePlugins.KINDS, allowsExperimental)
        .load(document, PluginServices.of(Map.of()));
  }

  /** The problems of a text that must have some, one line each. */
  static List<String> problemsOf(String text) {
    var refused = catchThrowableOfType(ConfigurationException.class, () -> load(text));
    assertThat(refused).as("refusal of: %s", text).isNotNull();
    return refused.problems().stream().map(Problem::toString).toList();
  }
}
