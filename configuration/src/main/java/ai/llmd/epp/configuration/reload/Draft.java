package ai.llmd.epp.configuration.reload;

import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import ai.llmd.epp.domain.state.SharedState;
import java.util.List;

/**
 * A configuration whose plugins are built. Outside of it nothing is known of the new ones before
 * {@link LiveConfiguration} puts it in force.
 */
public final class Draft {

  private final EffectiveConfiguration configuration;
  private final SharedState state;
  private final StagedPrefixes prefixes;

  /**
   * @param state what its plugins learn
   * @param prefixes holds back its new producers
   */
  Draft(EffectiveConfiguration configuration, SharedState state, StagedPrefixes prefixes) {
    this.configuration = configuration;
    this.state = state;
    this.prefixes = prefixes;
  }

  public EffectiveConfiguration configuration() {
    return configuration;
  }

  /**
   * What its plugins learn. Once it is in force, that of every configuration in force later is seen
   * through it, too.
   */
  public SharedState state() {
    return state;
  }

  StagedPrefixes prefixes() {
    return prefixes;
  }

  /** Closes every plugin, in the reverse of the order in which they were built. */
  public void close() {
    configuration.built().reversed().forEach(BuiltPlugin::close);
  }

  /** Its plugins that the other one does not have. */
  List<BuiltPlugin> without(Draft other) {
    return configuration.built().stream()
        .filter(built -> !other.configuration.has(built.plugin()))
        .toList();
  }

  /** Its plugins that the other one has, too: the same instances. */
  List<BuiltPlugin> keptFrom(Draft other) {
    return configuration.built().stream()
        .filter(built -> other.configuration.has(built.plugin()))
        .toList();
  }

  /** Shows its new producers, and shares with everyone what its plugins learn. */
  void takeEffect(Draft before, PrefixObserver observer) {
    before.without(this).forEach(dropped -> observer.gone(dropped.name()));
    prefixes.showIn(observer);
    state.takeEffect(keptFrom(before).stream().map(BuiltPlugin::name).toList());
  }
}
