package ai.llmd.epp.configuration;

import ai.llmd.epp.configuration.ConfigurationFile.ProfilePlugin;
import ai.llmd.epp.configuration.ConfigurationFile.ProfileSpec;
import ai.llmd.epp.configuration.Instances.Instance;
import ai.llmd.epp.configuration.plugin.PluginKind;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.scheduling.SchedulingProfile.WeightedScorer;
import ai.llmd.epp.domain.scheduling.handler.SingleProfileHandler;
import ai.llmd.epp.domain.scheduling.picker.MaxScorePicker;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.SourceLocation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts scheduling profiles together, adding what a configuration may leave out. */
final class Profiles {

  private static final String HANDLER = SingleProfileHandler.TYPE.name();
  private static final String PICKER = MaxScorePicker.TYPE.name();
  private static final SourceLocation PLUGINS = SourceLocation.unwritten("plugins");

  private final List<ProfileSpec> specs;
  private final Instances instances;
  private final Problems problems;
  private final List<String> warnings;

  Profiles(
      List<ProfileSpec> written, Instances instances, Problems problems, List<String> warnings) {
    this.instances = instances;
    this.problems = problems;
    this.warnings = warnings;
    this.specs = written.isEmpty() ? List.of(everything()) : written;
  }

  /** One profile that uses every plugin that can be used, in the order of their declaration. */
  private ProfileSpec everything() {
    SourceLocation spot = SourceLocation.unwritten("schedulingProfiles[0]");
    List<ProfilePlugin> all =
        instances.all().stream()
            .filter(Profiles::isSchedulingPlugin)
            .map(instance -> new LocatedText(instance.name(), instance.spot()))
            .map(reference -> new ProfilePlugin(reference, null))
            .toList();
    return new ProfileSpec(spot, new LocatedText("default", spot), all);
  }

  private static boolean isSchedulingPlugin(Instance instance) {
    Plugin plugin = instance.plugin();
    return PluginKind.FILTER.includes(plugin)
        || PluginKind.SCORER.includes(plugin)
        || PluginKind.PICKER.includes(plugin);
  }

  /** Adds the handler and the picker where the configuration has none. */
  void injectDefaults() {
    if (specs.size() == 1 && instances.all(PluginKind.PROFILE_HANDLER).isEmpty()) {
      inject(HANDLER);
    }
    if (instances.all(PluginKind.PICKER).isEmpty()) {
      inject(PICKER);
    }
  }

  private void inject(String type) {
    instances
        .get(type)
        .ifPresent(
            taken ->
                warnings.add(
                    "plugin \"%s\" of type %s gives way to the default plugin of that name"
                        .formatted(type, taken.type().name())));
    instances.inject(type, PLUGINS);
  }

  /** The handler, or null after the mistake has been reported. */
  @Nullable Named<ProfileHandler> handler() {
    List<Named<ProfileHandler>> handlers = instances.all(PluginKind.PROFILE_HANDLER);
    if (handlers.size() > 1) {
      Instance second = instances.get(handlers.get(1).name()).orElseThrow();
      problems.add(
          second.spot(),
          "one profile handler is allowed, \"%s\" is another beside \"%s\""
              .formatted(second.name(), handlers.getFirst().name()));
      return null;
    }
    if (handlers.isEmpty()) {
      if (!instances.hasBroken()) { // which might have been the handler
        problems.add(
            specs.get(1).spot(),
            specs.size() + " profiles need a profile handler, none is declared");
      }
      return null;
    }
    Named<ProfileHandler> handler = handlers.getFirst();
    if (handler.plugin() instanceof SingleProfileHandler && specs.size() > 1) {
      Instance instance = instances.get(handler.name()).orElseThrow();
      problems.add(
          instance.spot(), HANDLER + " runs one profile, " + specs.size() + " are configured");
    }
    return handler;
  }

  /** The profiles, without those that are wrong, which has been reported. */
  List<SchedulingProfile> assemble() {
    Set<String> names = new HashSet<>();
    List<SchedulingProfile> profiles = new ArrayList<>();
    for (ProfileSpec spec : specs) {
      if (spec.name().isEmpty()) {
        problems.add(spec.name().spot(), "is missing");
      } else if (!names.add(spec.name().value())) {
        problems.add(spec.name().spot(), "another profile is called \"" + spec.name() + '"');
      }
      SchedulingProfile profile = assemble(spec);
      if (profile != null) {
        profiles.add(profile);
      }
    }
    return profiles;
  }

  private @Nullable SchedulingProfile assemble(ProfileSpec spec) {
    List<Named<Filter>> filters = new ArrayList<>();
    List<WeightedScorer> scorers = new ArrayList<>();
    Named<Picker> picker = null;
    for (ProfilePlugin reference : spec.plugins()) {
      Instance instance = instances.refer(reference.pluginRef());
      if (instance == null) {
        continue;
      }
      if (PluginKind.FILTER.includes(instance.plugin())) {
        filters.add(instance.as(PluginKind.FILTER));
      }
      if (PluginKind.SCORER.includes(instance.plugin())) {
        double weight = reference.weight() == null ? 1 : reference.weight();
        scorers.add(new WeightedScorer(instance.as(PluginKind.SCORER), weight));
      }
      if (PluginKind.PICKER.includes(instance.plugin())) {
        if (picker != null) {
          problems.add(
              reference.pluginRef().spot(),
              "profile \"%s\" has the picker \"%s\" already, \"%s\" would be a second"
                  .formatted(spec.name(), picker.name(), instance.name()));
        }
        picker = instance.as(PluginKind.PICKER);
      }
    }
    AffinityWeights.check(spec.name().value(), filters, scorers, warnings);
    List<Named<Picker>> pickers = instances.all(PluginKind.PICKER);
    if (picker == null && !pickers.isEmpty()) {
      picker = pickers.getFirst();
    }
    return picker == null
        ? null
        : new SchedulingProfile(spec.name().value(), filters, scorers, picker);
  }
}
