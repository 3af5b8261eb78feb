package ai.llmd.epp.configuration;

import ai.llmd.epp.application.PrefixSeparation;
import ai.llmd.epp.application.metrics.BoundSource;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.application.producer.RequestIdentifier;
import ai.llmd.epp.application.producer.RequestProducer;
import ai.llmd.epp.application.waiting.WaitingRules;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import ai.llmd.epp.configuration.store.StateStoreSettings;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.flow.FlowSettings;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.saturation.SaturationDetector;
import ai.llmd.epp.domain.scheduling.Admitter;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.scheduling.Screener;
import ai.llmd.epp.domain.state.SharedState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration comes to: plugins that are built, and how they belong together. Everything
 * is in the order of declaration unless documented otherwise; what a default added comes behind it.
 *
 * @param stateStore where learned state lives
 * @param built every instance, in the order in which they were built
 * @param parsers one or more, in the order in which they are asked
 * @param warnings sentences for the log
 * @param notices one for each older spelling that was read: what to write instead
 */
public record EffectiveConfiguration(
    FeatureGates featureGates,
    StateStoreSettings stateStore,
    List<BuiltPlugin> built,
    List<Named<RequestParser>> parsers,
    Stages stages,
    Scheduling scheduling,
    DataLayer dataLayer,
    List<String> warnings,
    List<String> notices) {

  /**
   * What every request passes beside the scheduler, in the order of the stages.
   *
   * @param identifiers asked about every request before it is admitted
   * @param requestProducers each before those that need its facts; asked before admission
   * @param saturationDetector judges the pool for admission
   * @param screeners narrow the candidates before producers see them
   * @param producers each before those that need its facts
   * @param admitters turn requests away by what the producers found
   * @param avoidsFailingEndpoints whether the scheduler gets them only when no other is left
   * @param waiting how long steps may be waited for
   * @param preRequests run for every routed request
   * @param refusesUncached whether {@code Prefer: if-available} counts
   * @param separation what keeps the prefixes of tenants apart
   * @param flow settings of the queues before the scheduler; null where the feature gate is off
   * @param isEvicting whether running requests are given up for more important ones
   * @param propagatesPriority whether bodies are sent with the request's priority
   */
  public record Stages(
      List<Named<RequestIdentifier>> identifiers,
      List<Named<RequestProducer>> requestProducers,
      Named<SaturationDetector> saturationDetector,
      List<Named<Screener>> screeners,
      List<Named<Producer>> producers,
      List<Named<Admitter>> admitters,
      boolean avoidsFailingEndpoints,
      WaitingRules waiting,
      List<Named<PreRequest>> preRequests,
      boolean refusesUncached,
      PrefixSeparation separation,
      @Nullable FlowSettings flow,
      boolean isEvicting,
      boolean propagatesPriority) {

    public Stages {
      identifiers = List.copyOf(identifiers);
      requestProducers = List.copyOf(requestProducers);
      screeners = List.copyOf(screeners);
      producers = List.copyOf(producers);
      admitters = List.copyOf(admitters);
      preRequests = List.copyOf(preRequests);
    }
  }

  /**
   * How endpoints are chosen.
   *
   * @param profileHandler the only one
   * @param profiles one or more
   */
  public record Scheduling(Named<ProfileHandler> profileHandler, List<SchedulingProfile> profiles) {

    public Scheduling {
      profiles = List.copyOf(profiles);
    }
  }

  /**
   * Where endpoints and what is known about them come from.
   *
   * @param sources what is scraped, and who reads it
   * @param discovery finds the endpoints; empty means Kubernetes
   * @param crossReplicaSyncInterval how often replicas exchange what they learned
   * @param crossReplicaPublishTimeout how long one exchange may take
   */
  public record DataLayer(
      List<BoundSource> sources,
      Optional<Named<EndpointDiscovery>> discovery,
      Duration crossReplicaSyncInterval,
      Duration crossReplicaPublishTimeout) {

    public DataLayer {
      sources = List.copyOf(sources);
    }
  }

  public EffectiveConfiguration {
    built = List.copyOf(built);
    parsers = List.copyOf(parsers);
    warnings = List.copyOf(warnings);
    notices = List.copyOf(notices);
  }

  /** Whether every parser supports a protocol, apart from those that support any. */
  public boolean supports(String protocol) {
    return parsers.stream()
        .map(parser -> parser.plugin().protocols())
        .allMatch(protocols -> protocols.isEmpty() || protocols.contains(protocol));
  }

  /** How much the shared state may remember. */
  public SharedState.Budget stateBudget() {
    return stateStore.budget();
  }

  /** Every instance. */
  public List<Named<Plugin>> plugins() {
    return built.stream().map(one -> one.as(Plugin.class)).toList();
  }

  /** Whether this very instance is among the plugins. */
  @SuppressWarnings("ReferenceEquality") // instances may be equal and have learned other things
  public boolean has(Plugin plugin) {
    return built.stream().anyMatch(one -> one.plugin() == plugin);
  }
}
