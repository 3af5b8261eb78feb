package ai.llmd.epp.configuration;

import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.SourceLocation;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Refuses a configuration that would change what is settled at the start of the program. */
final class FixedParts {

  private static final String RESTART =
      " cannot change while the program runs; restart it to change them";

  private final EffectiveConfiguration inForce;
  private final Problems problems;

  FixedParts(EffectiveConfiguration inForce, Problems problems) {
    this.inForce = inForce;
    this.problems = problems;
  }

  /**
   * Compares a document that is otherwise right.
   *
   * @param discovery what the document names; empty when it names none
   */
  @SuppressWarnings("ReferenceEquality") // the instance that runs
  void check(ConfigurationDocument next, Optional<Named<EndpointDiscovery>> discovery) {
    if (!next.featureGates().equals(inForce.featureGates())) {
      problems.add(SourceLocation.unwritten("featureGates"), "feature gates" + RESTART);
    }
    if (!next.stateStore().equals(inForce.stateStore())) {
      problems.add(
          SourceLocation.unwritten("stateStore"),
          "the store of learned state and its limits" + RESTART);
    }
    if (plugin(discovery) != plugin(inForce.dataLayer().discovery())) {
      problems.add(
          SourceLocation.unwritten("dataLayer.discovery"),
          "the plugin that finds endpoints and its parameters" + RESTART);
    }
  }

  private static @Nullable EndpointDiscovery plugin(Optional<Named<EndpointDiscovery>> discovery) {
    return discovery.map(Named::plugin).orElse(null);
  }
}
