package ai.llmd.epp.configuration;

import ai.llmd.epp.application.metrics.BoundSource;
import ai.llmd.epp.application.metrics.DataSource;
import ai.llmd.epp.application.metrics.Extractor;
import ai.llmd.epp.application.metrics.KubernetesNotificationSource;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.application.port.out.objects.ObjectKind;
import ai.llmd.epp.application.producer.BringsSource;
import ai.llmd.epp.configuration.ConfigurationFile.DataLayer;
import ai.llmd.epp.configuration.ConfigurationFile.Reference;
import ai.llmd.epp.configuration.ConfigurationFile.Source;
import ai.llmd.epp.configuration.Instances.Instance;
import ai.llmd.epp.configuration.plugin.PluginKind;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.SourceLocation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where endpoints come from, and which sources feed which extractors. */
final class DataLayerAssembly {

  private static final String DEFAULT_SOURCE = "metrics-data-source";
  private static final String DEFAULT_EXTRACTOR = "core-metrics-extractor";
  private static final SourceLocation SOURCES = SourceLocation.unwritten("dataLayer.sources");

  private final DataLayer dataLayer;
  private final Instances instances;
  private final Problems problems;
  private final List<Source> sources;

  DataLayerAssembly(DataLayer dataLayer, Instances instances, Problems problems) {
    this.dataLayer = dataLayer;
    this.instances = instances;
    this.problems = problems;
    this.sources = new ArrayList<>(dataLayer.sources());
  }

  /** Adds the pair that scrapes model servers, unless it is switched off or there. */
  void injectDefaults() {
    boolean isPresent =
        sources.stream().anyMatch(source -> source.pluginRef().value().equals(DEFAULT_SOURCE));
    if (!dataLayer.injectsDefaults() || isPresent) {
      return;
    }
    for (String type : List.of(DEFAULT_SOURCE, DEFAULT_EXTRACTOR)) {
      if (!instances.has(type)) {
        instances.inject(type, SOURCES);
      }
    }
    sources.add(
        new Source(
            new LocatedText(DEFAULT_SOURCE, SOURCES),
            List.of(new Reference(new LocatedText(DEFAULT_EXTRACTOR, SOURCES)))));
  }

  void refuseSyncer() {
    LocatedText reference = dataLayer.syncerRef();
    if (!reference.isEmpty()) {
      Instance instance = instances.refer(reference);
      if (instance != null) {
        problems.add(
            reference.spot(),
            "plugin \"%s\" of type %s is not a cross-replica syncer"
                .formatted(reference, instance.type().name()));
      }
    }
  }

  /** The sources with their extractors, without those that are wrong, which has been reported. */
  List<BoundSource> bind() {
    Set<String> names = new HashSet<>();
    Set<ObjectKind> kinds = new HashSet<>();
    List<BoundSource> bindings = new ArrayList<>();
    for (Source source : sources) {
      Named<DataSource> plugin = instances.refer(source.pluginRef(), PluginKind.DATA_SOURCE);
      List<Named<Extractor>> extractors = extractorsOf(source);
      if (plugin == null) {
        continue;
      }
      refuseMispaired(source, plugin, extractors);
      if (!names.add(plugin.name())) {
        problems.add(source.pluginRef().spot(), "source \"" + plugin.name() + "\" is listed twice");
      }
      if (plugin.plugin() instanceof KubernetesNotificationSource objects
          && !kinds.add(objects.kind())) {
        problems.add(
            source.pluginRef().spot(), "another source watches " + objects.kind() + " already");
      }
      bindings.add(new BoundSource(plugin, extractors));
    }
    return bindings;
  }

  /** An extractor reads what its source delivers: pages of one kind, endpoints, or objects. */
  private void refuseMispaired(
      Source source, Named<DataSource> plugin, List<Named<Extractor>> extractors) {
    for (Named<Extractor> extractor : extractors) {
      if (!plugin.plugin().feeds(extractor.plugin())) {
        problems.add(
            source.pluginRef().spot(),
            "extractor \"%s\" of type %s cannot read what source \"%s\" delivers"
                .formatted(extractor.name(), extractor.type(), plugin.name()));
      }
    }
  }

  /** To be asked once every plugin is there, also those that others need. */
  void warnOfNoSource(List<String> warnings) {
    if (sources.isEmpty() && instances.all(BringsSource.class).isEmpty()) {
      warnings.add("no metrics are collected: no source is configured and no plugin brings one");
    }
  }

  private List<Named<Extractor>> extractorsOf(Source source) {
    Set<String> types = new HashSet<>();
    List<Named<Extractor>> extractors = new ArrayList<>();
    for (Reference reference : source.extractors()) {
      Named<Extractor> extractor = instances.refer(reference.pluginRef(), PluginKind.EXTRACTOR);
      if (extractor == null) {
        continue;
      }
      if (!types.add(extractor.type())) {
        problems.add(
            reference.pluginRef().spot(),
            "source \"%s\" has an extractor of type %s already"
                .formatted(source.pluginRef(), extractor.type()));
      }
      extractors.add(extractor);
    }
    return extractors;
  }

  /** The plugin that finds endpoints; none means Kubernetes. */
  Optional<Named<EndpointDiscovery>> discovery() {
    return dataLayer.endpointsRef().map(this::find);
  }

  private @Nullable Named<EndpointDiscovery> find(LocatedText reference) {
    return instances.refer(reference, PluginKind.DISCOVERY);
  }
}
