package ai.llmd.epp.configuration.plugin;

import ai.llmd.epp.domain.calls.NonFatal;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A plugin instance with everything it was built from.
 *
 * @param name instance name in the configuration
 * @param parameters of the type's record, with all defaults filled in
 * @param origin why it is there, as in "declared"
 * @param lookups the instances it asked for while it was built, and what it was given
 * @param typeLookups the types whose instances it asked for while it was built, and what it was
 *     given
 * @param sawAll whether it looked at every instance that there was when it was built
 */
public record BuiltPlugin(
    String name,
    PluginType<?> type,
    Record parameters,
    Plugin plugin,
    String origin,
    Map<String, Optional<Plugin>> lookups,
    Map<String, List<Plugin>> typeLookups,
    boolean sawAll) {

  private static final Logger log = LoggerFactory.getLogger(BuiltPlugin.class);

  public BuiltPlugin {
    lookups = Map.copyOf(lookups);
    typeLookups = Map.copyOf(typeLookups);
  }

  /** Those of the instances that are of this kind, in their order. */
  public static <P> List<P> ofKind(Class<P> kind, List<BuiltPlugin> all) {
    return all.stream().map(BuiltPlugin::plugin).filter(kind::isInstance).map(kind::cast).toList();
  }

  /** The instance as a plugin of this kind. */
  public <P> Named<P> as(Class<P> kind) {
    return new Named<>(name, type.reportedAs(), kind.cast(plugin));
  }

  /** The same instance, there for another reason. */
  public BuiltPlugin because(String newOrigin) {
    return new BuiltPlugin(name, type, parameters, plugin, newOrigin, lookups, typeLookups, sawAll);
  }

  /** Closes the plugin if it can be closed; a failure is logged. */
  public void close() {
    if (plugin instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Throwable thrown) { // a stranger's plugin may throw anything
        log.atWarn()
            .setCause(NonFatal.orThrow(thrown))
            .addKeyValue("plugin", name)
            .log("plugin not closed");
      }
    }
  }
}
