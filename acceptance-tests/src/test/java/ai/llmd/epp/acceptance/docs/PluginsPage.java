package ai.llmd.epp.acceptance.docs;

import static ai.llmd.epp.acceptance.docs.Markdown.code;

import ai.llmd.epp.application.metrics.DataSource;
import ai.llmd.epp.application.metrics.Extractor;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.application.producer.RequestIdentifier;
import ai.llmd.epp.configuration.plugin.PluginRegistry;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.flow.FairnessPolicy;
import ai.llmd.epp.domain.flow.OrderingPolicy;
import ai.llmd.epp.domain.flow.UsageLimitPolicy;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.saturation.SaturationDetector;
import ai.llmd.epp.domain.scheduling.Decider;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.Scorer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * {@code docs/plugins.md}: every plugin that can be built, by kind and name, with its parameters.
 */
final class PluginsPage {

  /** Titles in the order of the page; a plugin belongs to the first kind that it is. */
  private static final Map<String, Class<? extends Plugin>> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put("Profile handlers", ProfileHandler.class);
    KINDS.put("Deciders", Decider.class);
    KINDS.put("Saturation detectors (filters, too)", SaturationDetector.class);
    KINDS.put("Filters", Filter.class);
    KINDS.put("Scorers", Scorer.class);
    KINDS.put("Pickers", Picker.class);
    KINDS.put("Request identifiers", RequestIdentifier.class);
    KINDS.put("Data producers", Producer.class);
    KINDS.put("Request parsers", RequestParser.class);
    KINDS.put("Flow control: fairness between flows", FairnessPolicy.class);
    KINDS.put("Observers of responses", PreRequest.class);
    KINDS.put("Data sources", DataSource.class);
    KINDS.put("Extractors", Extractor.class);
    KINDS.put("Discovery", EndpointDiscovery.class);
    KINDS.put("Flow control: order of requests", OrderingPolicy.class);
    KINDS.put("Flow control: usage limits", UsageLimitPolicy.class);
    KINDS.put("Flow control: eviction (always these two)", Plugin.class);
  }

  private final SourceDocs sources;
  private final Markdown page = new Markdown();

  PluginsPage(SourceDocs sources) {
    this.sources = sources;
  }

  String text() {
    page.heading(1, "Plugins")
        .paragraph(
            """
            Generated from the catalogues and the parameter records; see
            [CONTRIBUTING.md](../CONTRIBUTING.md#generated-pages). A parameter that is missing or null has its
            default (none shown: nothing, or what its own fields have); an unknown one stops the start. Plugins
            without parameters ignore whatever they are given, as in the reference. Keys of data are
            `dataType/producer`: a required key that no plugin produces gets its default producer or stops the start, a
            used one may be absent. Stability: an alpha plugin may change at any time and wants
            `--allow-experimental-plugins`; the others keep their names and parameters. Deprecated names are at the
            end.\
            """);
    List<SamplePlugin> plugins = samples(PluginRegistry.discover());
    KINDS.forEach((title, kind) -> section(title, kind, plugins));
    deprecated(plugins);
    return page.text();
  }

  private List<SamplePlugin> samples(PluginRegistry registry) {
    return registry.names().stream()
        .sorted()
        .map(name -> SamplePlugin.of(registry.find(name).orElseThrow()))
        .filter(sample -> sources.isShipped(sample.implementation()))
        .toList();
  }

  private void section(String title, Class<? extends Plugin> kind, List<SamplePlugin> plugins) {
    page.heading(2, title);
    plugins.stream()
        .filter(sample -> sample.type().replacement().isEmpty() && kindOf(sample) == kind)
        .forEach(this::plugin);
  }

  private static Class<? extends Plugin> kindOf(SamplePlugin sample) {
    return KINDS.values().stream()
        .filter(kind -> kind.isAssignableFrom(sample.implementation()))
        .findFirst()
        .orElseThrow();
  }

  private void plugin(SamplePlugin sample) {
    PluginType<?> type = sample.type();
    page.heading(3, code(type.name()));
    Class<?> implementation = sample.implementation();
    if (!implementation.isRecord()) { // a name without an implementation
      page.paragraph(
          sources.about(implementation) + " Class " + sources.link(implementation) + '.');
    }
    String facts = facts(sample);
    if (!facts.isEmpty()) {
      page.paragraph(facts);
    }
    Record defaults = type.defaults();
    if (defaults.getClass().getRecordComponents().length > 0) {
      page.table("parameter", "type", "default", "what");
      new ParameterRows(sources, page).add("", defaults);
    }
  }

  private static String facts(SamplePlugin sample) {
    PluginType<?> type = sample.type();
    StringBuilder facts = new StringBuilder();
    add(facts, "Requires", keys(sample.plugin().requires()));
    add(facts, "Uses", keys(sample.plugin().uses()));
    add(facts, "Produces", keys(sample.plugin().produces()));
    String defaultKey = type.defaultProducerOf();
    add(facts, "Created by itself for", defaultKey == null ? "" : code(defaultKey));
    String reported = type.reportedAs().equals(type.name()) ? "" : code(type.reportedAs());
    add(facts, "Reports itself as", reported);
    String stability = type.stability().name().toLowerCase(Locale.ROOT);
    add(facts, "Stability:", stability);
    return facts.toString();
  }

  private static void add(StringBuilder facts, String verb, String what) {
    if (!what.isEmpty()) {
      facts.append(facts.isEmpty() ? "" : " ").append(verb).append(' ').append(what).append('.');
    }
  }

  private static String keys(Set<FactKey<?>> keys) {
    return keys.stream()
        .map(FactKey::toString)
        .sorted()
        .map(Markdown::code)
        .collect(Collectors.joining(", "));
  }

  private void deprecated(List<SamplePlugin> plugins) {
    page.heading(2, "Deprecated names").table("name", "use", "reported as");
    for (SamplePlugin sample : plugins) {
      PluginType<?> type = sample.type();
      type.replacement()
          .ifPresent(
              replacement ->
                  page.row(code(type.name()), code(replacement), code(type.reportedAs())));
    }
  }
}
