package ai.llmd.epp.configuration.plugin;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/**
 * The policies of flow control that the reference adds to every configuration.
 *
 * <p>Flow control is not available yet, and with its feature gate off the policies have no effect.
 * They exist as names, because configurations declare and refer to them all the same.
 */
public final class DormantFlowPolicies implements PluginCatalogue {

  /** The instances that every configuration has. */
  public static final List<String> ALWAYS_PRESENT =
      List.of("fcfs-ordering-policy", "global-strict-fairness-policy", "static-usage-limit-policy");

  /**
   * Parameters that are read and have no effect yet.
   *
   * @param threshold share of the capacity that may be used
   */
  public record UsageLimit(double threshold) {}

  /** A policy that is asked nothing. */
  private record Dormant() implements Plugin {}

  @Override
  public List<PluginType<?>> types() {
    var usageLimit =
        PluginType.of("static-usage-limit-policy", new UsageLimit(1), ignored -> new Dormant());
    return List.of(
        PluginType.of("fcfs-ordering-policy", Dormant::new),
        PluginType.of("global-strict-fairness-policy", Dormant::new),
        new PluginType<>(
            usageLimit.name(),
            usageLimit.defaults(),
            usageLimit.factory(),
            usageLimit.stability(),
            "static-usage-limit-policy-type", // the reference reports it so
            null,
            null));
  }
}
