package ai.llmd.epp.configuration;

import ai.llmd.epp.application.PrefixSeparation;
import ai.llmd.epp.yaml.Amount;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.SourceLocation;
import ai.llmd.epp.yaml.Value;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The document as it is written: the schema of {@code EndpointPickerConfig}. Field names are the
 * component names; what is absent is empty or null, defaults come later.
 *
 * @param saturationDetector deprecated: {@code flowControl.saturationDetector}
 * @param parser deprecated: a single {@code requestHandler.parsers}
 * @param stateStore ours: where learned state lives
 * @param endpointHealth ours: whether endpoints that fail are avoided
 * @param waiting ours: how long steps may be waited for
 * @param tenants ours: what keeps the prefixes of tenants apart
 */
record ConfigurationFile(
    LocatedText apiVersion,
    LocatedText kind,
    List<LocatedText> featureGates,
    List<PluginSpec> plugins,
    List<ProfileSpec> schedulingProfiles,
    @Nullable DataLayer dataLayer,
    @Nullable FlowControl flowControl,
    @Nullable RequestHandler requestHandler,
    @Nullable Reference saturationDetector,
    @Nullable Reference parser,
    Value stateStore,
    @Nullable EndpointHealth endpointHealth,
    @Nullable Waiting waiting,
    @Nullable Tenants tenants) {

  static final String API_VERSION = "llm-d.ai/v1alpha1";
  static final String OLD_API_VERSION = "inference.networking.x-k8s.io/v1alpha1";
  static final String NEXT_API_VERSION = "llm-d.ai/v1";
  static final String KIND = "EndpointPickerConfig";

  /** A plugin to create. */
  record PluginSpec(SourceLocation spot, LocatedText name, LocatedText type, Value parameters) {

    /** The instance's name, which is the type unless it has one of its own. */
    LocatedText instanceName() {
      return name.isEmpty() ? type : name;
    }
  }

  record ProfileSpec(SourceLocation spot, LocatedText name, List<ProfilePlugin> plugins) {}

  /** A reference from a profile; the weight counts for scorers. */
  record ProfilePlugin(LocatedText pluginRef, @Nullable Double weight) {}

  record Reference(LocatedText pluginRef) {}

  /**
   * What stands in the group {@code crossReplica} counts before the fields of older spelling.
   *
   * @param peerDiscovery older: {@code discovery.peers}
   * @param crossReplicaSyncerPluginRef older: {@code crossReplica.syncerPluginRef}
   * @param crossReplicaSyncInterval older: {@code crossReplica.syncInterval}
   * @param crossReplicaPublishTimeout older: {@code crossReplica.publishTimeout}
   */
  record DataLayer(
      SourceLocation spot,
      @Nullable Boolean injectDefaults,
      List<Source> sources,
      @Nullable Discovery discovery,
      @Nullable Reference peerDiscovery,
      LocatedText crossReplicaSyncerPluginRef,
      @Nullable Duration crossReplicaSyncInterval,
      @Nullable Duration crossReplicaPublishTimeout,
      @Nullable CrossReplica crossReplica) {

    private static final Duration DEFAULT_SYNC_INTERVAL = Duration.ofMillis(200);
    private static final Duration DEFAULT_PUBLISH_TIMEOUT = Duration.ofSeconds(1);

    private static final SourceLocation UNWRITTEN = SourceLocation.unwritten("dataLayer");

    static final DataLayer NONE =
        new DataLayer(
            UNWRITTEN,
            null,
            List.of(),
            null,
            null,
            new LocatedText("", UNWRITTEN),
            null,
            null,
            null);

    boolean injectsDefaults() {
      return injectDefaults == null || injectDefaults;
    }

    /** The plugin that finds endpoints; empty when Kubernetes does. */
    Optional<LocatedText> endpointsRef() {
      return discovery == null ? Optional.empty() : discovery.endpointsRef();
    }

    LocatedText syncerRef() {
      return crossReplica != null && !crossReplica.syncerPluginRef().isEmpty()
          ? crossReplica.syncerPluginRef()
          : crossReplicaSyncerPluginRef;
    }

    Duration syncInterval() {
      Duration current = crossReplica == null ? null : crossReplica.syncInterval();
      return Objects.requireNonNullElse(
          current != null ? current : crossReplicaSyncInterval, DEFAULT_SYNC_INTERVAL);
    }

    Duration publishTimeout() {
      Duration current = crossReplica == null ? null : crossReplica.publishTimeout();
      return Objects.requireNonNullElse(
          current != null ? current : crossReplicaPublishTimeout, DEFAULT_PUBLISH_TIMEOUT);
    }
  }

  /**
   * Who finds what.
   *
   * @param pluginRef older: {@code endpoints.pluginRef}, which counts before it
   * @param peers other replicas; of no effect, since they find each other in the state store
   */
  record Discovery(
      LocatedText pluginRef, @Nullable Reference endpoints, @Nullable Reference peers) {

    Optional<LocatedText> endpointsRef() {
      if (endpoints != null) {
        return Optional.of(endpoints.pluginRef());
      }
      return peers != null && pluginRef.isEmpty() ? Optional.empty() : Optional.of(pluginRef);
    }
  }

  record CrossReplica(
      LocatedText syncerPluginRef,
      @Nullable Duration syncInterval,
      @Nullable Duration publishTimeout) {}

  record Source(LocatedText pluginRef, List<Reference> extractors) {}

  record EndpointHealth(@Nullable Boolean enabled) {}

  record Waiting(
      SourceLocation spot,
      List<StepBudget> budgets,
      @Nullable Breaker breaker,
      @Nullable Duration messageTimeout,
      List<LocatedText> deadlineHeaders) {}

  record StepBudget(SourceLocation spot, LocatedText pluginRef, @Nullable Duration budget) {}

  record Breaker(
      SourceLocation spot, @Nullable Integer afterSpentBudgets, @Nullable Duration pause) {}

  record Tenants(@Nullable Boolean prefixesByFairnessId, LocatedText prefixesByHeader) {}

  record RequestHandler(List<Reference> parsers, boolean propagatePriority) {}

  record FlowControl(
      SourceLocation spot,
      @Nullable Amount maxBytes,
      @Nullable Amount maxRequests,
      @Nullable Duration defaultRequestTTL,
      @Nullable Duration noEndpointRequestTTL,
      @Nullable PriorityBand defaultPriorityBand,
      @Nullable PriorityBand defaultNegativePriorityBand,
      List<PriorityBand> priorityBands,
      LocatedText usageLimitPolicyPluginRef,
      @Nullable Reference saturationDetector,
      boolean enableEviction) {

    private static final SourceLocation UNWRITTEN = SourceLocation.unwritten("flowControl");
    private static final LocatedText NO_NAME = new LocatedText("", UNWRITTEN);

    /** Nothing is set. */
    static final FlowControl NONE =
        new FlowControl(
            UNWRITTEN, null, null, null, null, null, null, List.of(), NO_NAME, null, false);

    /** A band of which nothing is set. */
    static final PriorityBand NO_BAND =
        new PriorityBand(0, null, null, null, NO_NAME, NO_NAME, UNWRITTEN);

    /** Whether anything is set that counts only with the feature gate. */
    boolean hasGatedSettings() {
      return maxBytes != null
          || maxRequests != null
          || defaultRequestTTL != null
          || noEndpointRequestTTL != null
          || defaultPriorityBand != null
          || defaultNegativePriorityBand != null
          || !priorityBands.isEmpty()
          || !usageLimitPolicyPluginRef.isEmpty()
          || enableEviction;
    }
  }

  record PriorityBand(
      int priority,
      @Nullable Amount maxBytes,
      @Nullable Amount maxRequests,
      @Nullable Duration defaultRequestTTL,
      LocatedText fairnessPolicyRef,
      LocatedText orderingPolicyRef,
      SourceLocation spot) {}

  DataLayer dataLayerOrNone() {
    return dataLayer == null ? DataLayer.NONE : dataLayer;
  }

  boolean avoidsFailingEndpoints() {
    return endpointHealth == null || endpointHealth.enabled() == null || endpointHealth.enabled();
  }

  PrefixSeparation separation() {
    return tenants == null
        ? PrefixSeparation.NONE
        : new PrefixSeparation(
            Boolean.TRUE.equals(tenants.prefixesByFairnessId()),
            tenants.prefixesByHeader().value().toLowerCase(Locale.ROOT));
  }

  /** The detector's name, the deprecated field counting when the new one is absent. */
  LocatedText saturationDetectorRef() {
    Reference current = flowControl == null ? null : flowControl.saturationDetector();
    Reference reference = current != null ? current : saturationDetector;
    SourceLocation unwritten = SourceLocation.unwritten("flowControl.saturationDetector.pluginRef");
    return reference == null ? new LocatedText("", unwritten) : reference.pluginRef();
  }

  /** The parsers' names, the deprecated field counting when the new list is empty. */
  List<LocatedText> parserRefs() {
    if (requestHandler != null && !requestHandler.parsers().isEmpty()) {
      return requestHandler.parsers().stream().map(Reference::pluginRef).toList();
    }
    return parser == null ? List.of() : List.of(parser.pluginRef());
  }
}
