package ai.llmd.epp.bootstrap;

import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.domain.state.SharedState;

/**
 * A configuration whose plugins are built. It is in force once a {@link Generation} serves it.
 *
 * @param state what its plugins learn, and have learned if they were in force before
 * @param prefixes shows its new producers when it takes effect
 */
record Draft(EffectiveConfiguration configuration, SharedState state, StagedPrefixes prefixes) {

  /** Closes the plugins that do not belong to the other one. */
  void discard(Draft inForce) {
    configuration.built().stream()
        .filter(built -> !inForce.configuration.has(built.plugin()))
        .forEach(built -> built.close());
  }
}
