package ai.llmd.epp.configuration;

import ai.llmd.epp.configuration.plugin.PluginRegistry;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import org.jspecify.annotations.Nullable;

/** Loads configurations with every plugin on the class path, upon parts that do nothing. */
final class RealPlugins {

  static final PluginRegistry REGISTRY = PluginRegistry.discover();

  private RealPlugins() {}

  static EffectiveConfiguration load(String text) throws InvalidDocumentException {
    return load(text, null);
  }

  static EffectiveConfiguration load(String text, @Nullable EffectiveConfiguration inForce)
      throws InvalidDocumentException {
    return load(new YamlSource("epp.yaml", text), inForce);
  }

  static EffectiveConfiguration load(YamlSource source, @Nullable EffectiveConfiguration inForce)
      throws InvalidDocumentException {
    return new ConfigurationLoader(REGISTRY, true)
        .load(ConfigurationDocument.read(source), Loading.services(), inForce);
  }
}
