package ai.llmd.epp.configuration;

import ai.llmd.epp.application.metrics.BoundSource;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.application.waiting.WaitingRules;
import ai.llmd.epp.configuration.ConfigurationFile.PluginSpec;
import ai.llmd.epp.configuration.EffectiveConfiguration.DataLayer;
import ai.llmd.epp.configuration.EffectiveConfiguration.Scheduling;
import ai.llmd.epp.configuration.EffectiveConfiguration.Stages;
import ai.llmd.epp.configuration.Instances.Instance;
import ai.llmd.epp.configuration.plugin.PluginKind;
import ai.llmd.epp.configuration.plugin.PluginRegistry;
import ai.llmd.epp.configuration.plugin.PluginServices;
import ai.llmd.epp.configuration.plugin.ReusablePlugins;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.flow.FlowSettings;
import ai.llmd.epp.domain.flow.fairness.GlobalStrictFairness;
import ai.llmd.epp.domain.flow.limit.StaticUsageLimit;
import ai.llmd.epp.domain.flow.ordering.FcfsOrdering;
import ai.llmd.epp.domain.saturation.SaturationDetector;
import ai.llmd.epp.domain.saturation.detector.UtilizationDetector;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.scheduling.handler.HeaderProfileHandler;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.SourceLocation;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Builds what a document describes: instances, then defaults, then checks and assembly, in the
 * order of the reference. Goes on after a mistake, so that all of them are reported together.
 */
public final class ConfigurationLoader {

  /** The policies of flow control that every configuration has. */
  private static final List<String> FLOW_POLICIES =
      List.of(
          FcfsOrdering.TYPE.name(), GlobalStrictFairness.TYPE.name(), StaticUsageLimit.TYPE.name());

  private final PluginRegistry registry;
  private final boolean allowsExperimental;

  /**
   * @param allowsExperimental whether alpha plugins may be used
   */
  public ConfigurationLoader(PluginRegistry registry, boolean allowsExperimental) {
    this.registry = registry;
    this.allowsExperimental = allowsExperimental;
  }

  /**
   * Builds every plugin of the document. Call once per document.
   *
   * @param services what plugins may use
   * @throws InvalidDocumentException with everything that is wrong, the reading included
   */
  public EffectiveConfiguration load(ConfigurationDocument document, PluginServices services)
      throws InvalidDocumentException {
    return load(document, services, null);
  }

  /**
   * Builds what is new in a document and keeps the plugins in force that would be built alike. When
   * the document is refused, what was built is closed again and nothing has happened to the rest.
   *
   * @param services what new plugins may use
   * @param inForce the configuration that the document is to replace; null at the start
   * @throws InvalidDocumentException with everything that is wrong, the reading included, or with
   *     what cannot change while the program runs
   */
  public EffectiveConfiguration load(
      ConfigurationDocument document,
      PluginServices services,
      @Nullable EffectiveConfiguration inForce)
      throws InvalidDocumentException {
    ReusablePlugins reusable =
        inForce == null ? ReusablePlugins.NONE : new ReusablePlugins(inForce.built());
    Instances instances = new Instances(registry, services, document.problems(), reusable);
    try {
      return assemble(document, instances, inForce);
    } catch (InvalidDocumentException | RuntimeException e) {
      instances.discard();
      throw e;
    }
  }

  private EffectiveConfiguration assemble(
      ConfigurationDocument document, Instances instances, @Nullable EffectiveConfiguration inForce)
      throws InvalidDocumentException {
    ConfigurationFile file = document.file();
    Problems problems = document.problems();
    List<String> warnings = document.warnings();
    declare(file.plugins(), instances, problems);

    var profiles = new Profiles(file.schedulingProfiles(), instances, problems, warnings);
    var parsers = new Parsers(file.parserRefs(), instances, warnings);
    var dataLayer = new DataLayerAssembly(file.dataLayerOrNone(), instances, problems);
    LocatedText detectorRef = file.saturationDetectorRef().or(UtilizationDetector.TYPE.name());
    profiles.injectDefaults();
    injectIfAbsent(FLOW_POLICIES, instances);
    parsers.injectDefaults();
    if (detectorRef.value().equals(UtilizationDetector.TYPE.name())) {
      injectIfAbsent(List.of(UtilizationDetector.TYPE.name()), instances);
    }
    dataLayer.injectDefaults();

    List<SchedulingProfile> schedulingProfiles = profiles.assemble();
    @Nullable Named<ProfileHandler> handler = profiles.handler();
    List<Named<RequestParser>> requestParsers = parsers.assemble();
    @Nullable Named<SaturationDetector> detector =
        instances.refer(detectorRef, PluginKind.SATURATION_DETECTOR);
    @Nullable FlowSettings flow =
        document.featureGates().flowControl()
            ? new FlowControlAssembly(file.flowControl(), instances, problems).settings()
            : null;
    dataLayer.refuseSyncer();
    List<BoundSource> sources = dataLayer.bind();
    Optional<Named<EndpointDiscovery>> discovery = dataLayer.discovery();
    var dataOrder = new DataOrder(registry, instances, problems, warnings);
    dataOrder.createMissingProducers();
    dataLayer.warnOfNoSource(warnings);
    List<Instance> ordered = dataOrder.sorted();
    WaitingRules waiting = new WaitingAssembly(instances, problems).rules(file.waiting());
    checkStability(instances, problems);
    warnOfDeprecation(instances, warnings);
    warnings.addAll(instances.warnings());
    problems.throwIfAny();
    if (inForce != null) {
      new FixedParts(inForce, problems).check(document, discovery);
      problems.throwIfAny();
    }
    return new EffectiveConfiguration(
        document.featureGates(),
        document.stateStore(),
        instances.built(),
        requestParsers,
        new Stages(
            instances.all(PluginKind.IDENTIFIER),
            ofKind(PluginKind.REQUEST_PRODUCER, ordered),
            Objects.requireNonNull(detector),
            instances.all(PluginKind.SCREENER),
            ofKind(PluginKind.PRODUCER, ordered),
            instances.all(PluginKind.ADMITTER),
            file.avoidsFailingEndpoints(),
            waiting,
            instances.all(PluginKind.PRE_REQUEST),
            document.featureGates().conditionalDecode() || servesCoordinators(handler),
            file.separation(),
            flow,
            file.flowControl() != null && file.flowControl().enableEviction(),
            file.requestHandler() != null && file.requestHandler().propagatePriority()),
        new Scheduling(Objects.requireNonNull(handler), schedulingProfiles),
        new DataLayer(
            sources,
            discovery,
            file.dataLayerOrNone().syncInterval(),
            file.dataLayerOrNone().publishTimeout()),
        warnings,
        document.notices());
  }

  /** A handler that coordinators choose a stage by shows that there are some. */
  private static boolean servesCoordinators(@Nullable Named<ProfileHandler> handler) {
    return handler != null && handler.plugin() instanceof HeaderProfileHandler;
  }

  private static void declare(List<PluginSpec> specs, Instances instances, Problems problems) {
    Set<String> names = new HashSet<>();
    for (PluginSpec spec : specs) {
      LocatedText name = spec.instanceName();
      if (spec.type().isEmpty()) {
        problems.add(spec.type().spot(), "is missing");
        instances.markBroken(name.value());
      }
      if (!name.isEmpty() && !names.add(name.value())) {
        problems.add(name.spot(), "another plugin is called \"" + name + '"');
      } else if (!spec.type().isEmpty()) {
        instances.declare(name.value(), spec.type(), spec.parameters());
      }
    }
    instances.buildDeclared();
  }

  private static void injectIfAbsent(List<String> types, Instances instances) {
    for (String type : types) {
      if (!instances.has(type)) {
        instances.inject(type, SourceLocation.unwritten("plugins"));
      }
    }
  }

  private static <T extends Plugin> List<Named<T>> ofKind(
      PluginKind<T> kind, List<Instance> ordered) {
    return ordered.stream()
        .filter(instance -> kind.includes(instance.plugin()))
        .map(instance -> instance.as(kind))
        .toList();
  }

  private void checkStability(Instances instances, Problems problems) {
    for (Instance instance : instances.all()) {
      if (instance.type().stability() == Stability.ALPHA && !allowsExperimental) {
        problems.add(
            instance.spot(),
            "plugin \"%s\" of type %s is experimental; --allow-experimental-plugins permits it"
                .formatted(instance.name(), instance.type().name()));
      }
    }
  }

  private static void warnOfDeprecation(Instances instances, List<String> warnings) {
    for (Instance instance : instances.all()) {
      instance
          .type()
          .replacement()
          .ifPresent(
              current ->
                  warnings.add(
                      "plugin type %s is deprecated, use %s"
                          .formatted(instance.type().name(), current)));
    }
  }
}
