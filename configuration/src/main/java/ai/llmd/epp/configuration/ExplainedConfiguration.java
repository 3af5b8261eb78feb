package ai.llmd.epp.configuration;

import ai.llmd.epp.application.PrefixSeparation;
import ai.llmd.epp.application.metrics.BoundSource;
import ai.llmd.epp.commandline.GoDuration;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import ai.llmd.epp.configuration.plugin.PluginKind;
import ai.llmd.epp.configuration.store.StateStoreTree;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.yaml.RecordTree;
import ai.llmd.epp.yaml.YamlWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A configuration as YAML with every default written out. Its comments say why each plugin is there
 * and what it needs, and in which order plugins run. Read as a configuration it comes to the same.
 */
public final class ExplainedConfiguration {

  private final EffectiveConfiguration configuration;
  private final YamlWriter yaml = new YamlWriter();

  public ExplainedConfiguration(EffectiveConfiguration configuration) {
    this.configuration = configuration;
  }

  /** The text; to be asked for once. */
  public String text() {
    configuration.warnings().forEach(warning -> yaml.comment(0, "Warning: " + warning));
    yaml.field(0, "apiVersion", ConfigurationFile.NEXT_API_VERSION);
    yaml.field(0, "kind", ConfigurationFile.KIND);
    yaml.field(0, "featureGates", configuration.featureGates().entries());
    yaml.begin("plugins"); // a configuration has a handler and a picker at least
    configuration.built().forEach(this::plugin);
    yaml.comment(0, "");
    yaml.field(
        0,
        "schedulingProfiles",
        configuration.scheduling().profiles().stream().map(ProfileTree::of).toList());
    yaml.field(0, "dataLayer", dataLayer());
    yaml.field(0, "requestHandler", requestHandler());
    yaml.field(0, "flowControl", FlowControlTree.of(configuration.stages()));
    yaml.field(
        0, "endpointHealth", Map.of("enabled", configuration.stages().avoidsFailingEndpoints()));
    yaml.field(0, "waiting", WaitingAssembly.tree(configuration.stages().waiting()));
    yaml.field(0, "tenants", tenants(configuration.stages().separation()));
    yaml.field(0, "stateStore", StateStoreTree.of(configuration.stateStore()));
    yaml.comment(0, "");
    new ExecutionOrder(configuration).sentences().forEach(line -> yaml.comment(0, line));
    return yaml.toString();
  }

  private static Map<String, Object> tenants(PrefixSeparation separation) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("prefixesByFairnessId", separation.isByFairnessId());
    fields.put("prefixesByHeader", separation.header());
    return fields;
  }

  private Map<String, @Nullable Object> requestHandler() {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("parsers", references(configuration.parsers()));
    fields.put("propagatePriority", configuration.stages().propagatesPriority());
    return fields;
  }

  private void plugin(BuiltPlugin built) {
    Plugin plugin = built.plugin();
    yaml.comment(0, "");
    yaml.comment(
        0,
        "%s; %s; %s"
            .formatted(
                built.origin(),
                built.type().stability().name().toLowerCase(Locale.ROOT),
                PluginKind.rolesOf(plugin)));
    keys("requires", plugin.requires());
    keys("uses", plugin.uses());
    keys("produces", plugin.produces());
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("name", built.name());
    fields.put("type", built.type().name());
    Map<String, @Nullable Object> parameters = RecordTree.of(built.parameters());
    if (!parameters.isEmpty()) {
      fields.put("parameters", parameters);
    }
    yaml.item(0, fields);
  }

  private void keys(String verb, Set<FactKey<?>> keys) {
    if (!keys.isEmpty()) {
      yaml.comment(
          0,
          verb
              + " "
              + keys.stream().map(FactKey::toString).sorted().collect(Collectors.joining(", ")));
    }
  }

  private Map<String, @Nullable Object> dataLayer() {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("injectDefaults", false); // what they would add is written out
    List<Object> sources = new ArrayList<>();
    for (BoundSource binding : configuration.dataLayer().sources()) {
      Map<String, @Nullable Object> source = reference(binding.source());
      source.put("extractors", references(binding.extractors()));
      sources.add(source);
    }
    fields.put("sources", sources);
    configuration
        .dataLayer()
        .discovery()
        .ifPresent(found -> fields.put("discovery", Map.of("endpoints", reference(found))));
    Map<String, Object> crossReplica = new LinkedHashMap<>();
    crossReplica.put(
        "syncInterval", GoDuration.format(configuration.dataLayer().crossReplicaSyncInterval()));
    crossReplica.put(
        "publishTimeout",
        GoDuration.format(configuration.dataLayer().crossReplicaPublishTimeout()));
    fields.put("crossReplica", crossReplica);
    return fields;
  }

  private static List<Map<String, @Nullable Object>> references(List<? extends Named<?>> plugins) {
    return plugins.stream().map(ExplainedConfiguration::reference).toList();
  }

  static Map<String, @Nullable Object> reference(Named<?> plugin) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("pluginRef", plugin.name());
    return fields;
  }
}
