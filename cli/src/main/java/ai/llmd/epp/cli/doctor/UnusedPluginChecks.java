package ai.llmd.epp.cli.doctor;

import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import ai.llmd.epp.configuration.plugin.PluginKind;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Filters, scorers and pickers that are declared, and that no profile has. */
final class UnusedPluginChecks implements Check {

  private static final Set<String> OF_PROFILES = Set.of("filter", "scorer", "picker");

  @Override
  public List<Remark> look(Examined examined) {
    Set<String> used = new HashSet<>();
    for (SchedulingProfile profile : examined.configuration().scheduling().profiles()) {
      profile.filters().forEach(one -> used.add(one.name()));
      profile.scorers().forEach(one -> used.add(one.scorer().name()));
      used.add(profile.picker().name());
    }
    return examined.configuration().built().stream()
        .filter(built -> OF_PROFILES.contains(PluginKind.rolesOf(built.plugin())))
        .filter(built -> !used.contains(built.name()))
        .map(UnusedPluginChecks::remark)
        .toList();
  }

  private static Remark remark(BuiltPlugin built) {
    return new Remark(
        "plugin \"" + built.name() + '"',
        "declared, and in no scheduling profile",
        "it decides nothing; add it to the plugins of a profile, or leave it out",
        "docs/plugins.md#" + built.type().name());
  }
}
