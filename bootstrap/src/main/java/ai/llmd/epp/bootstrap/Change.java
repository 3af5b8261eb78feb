package ai.llmd.epp.bootstrap;

import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import java.util.List;

/**
 * What became of the plugins when one configuration took the place of another, by instance name.
 *
 * @param kept the same instances, with all they have learned
 * @param built new, or changed and therefore built anew
 * @param removed names that are gone
 */
record Change(List<String> kept, List<String> built, List<String> removed) {

  static Change between(EffectiveConfiguration before, EffectiveConfiguration after) {
    List<String> names = names(after.built());
    return new Change(
        names(after.built().stream().filter(one -> before.has(one.plugin())).toList()),
        names(after.built().stream().filter(one -> !before.has(one.plugin())).toList()),
        names(before.built().stream().filter(one -> !names.contains(one.name())).toList()));
  }

  private static List<String> names(List<BuiltPlugin> plugins) {
    return plugins.stream().map(BuiltPlugin::name).toList();
  }
}
