package ai.llmd.epp.configuration;

import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.configuration.plugin.PluginKind;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.SourceLocation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The request parsers, in the order in which they are asked. */
final class Parsers {

  private static final List<String> DEFAULTS =
      List.of("openai-parser", "anthropic-parser", "vllmhttp-parser", "passthrough-parser");
  private static final SourceLocation UNWRITTEN =
      SourceLocation.unwritten("requestHandler.parsers");

  private final List<LocatedText> references;
  private final Instances instances;
  private final List<String> warnings;

  Parsers(List<LocatedText> written, Instances instances, List<String> warnings) {
    this.references =
        written.isEmpty()
            ? DEFAULTS.stream().map(name -> new LocatedText(name, UNWRITTEN)).toList()
            : written;
    this.instances = instances;
    this.warnings = warnings;
  }

  /** A reference that names no instance names a type. */
  void injectDefaults() {
    for (LocatedText reference : references) {
      if (!reference.isEmpty() && !instances.has(reference.value())) {
        instances.inject(reference.value(), reference.spot());
      }
    }
  }

  /**
   * The parsers up to and including the first fallback, one of each type. What comes after is
   * checked all the same.
   */
  List<Named<RequestParser>> assemble() {
    Map<String, Named<RequestParser>> byType = new LinkedHashMap<>();
    Named<RequestParser> fallback = null;
    for (LocatedText reference : references) {
      Named<RequestParser> parser = instances.refer(reference, PluginKind.PARSER);
      if (parser == null) {
        continue;
      }
      if (fallback != null) {
        warnings.add("parser %s is never asked, it comes after %s".formatted(parser, fallback));
      } else if (byType.putIfAbsent(parser.type(), parser) != null) {
        warnings.add("parser %s is skipped, there is another of its type".formatted(parser));
      } else if (parser.plugin().pathSuffixes().isEmpty()) {
        fallback = parser;
      }
    }
    return new ArrayList<>(byType.values());
  }
}
