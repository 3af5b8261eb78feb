package ai.llmd.epp.configuration.spelling;

import ai.llmd.epp.configuration.ConfigurationDocument;
import ai.llmd.epp.yaml.EditableYaml;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A configuration in the spelling of {@code llm-d.ai/v1}, its comments kept.
 *
 * @param text the document
 * @param remarks what could not be rewritten and is not taken by llm-d-router 0.11
 */
public record ConvertedConfiguration(String text, List<String> remarks) {

  private static final String API_VERSION = "llm-d.ai/v1";
  private static final List<String> PARSER = List.of("parser");
  private static final List<String> DETECTOR = List.of("saturationDetector");

  /** Types that 0.11 has no more, and what stands for them. */
  private static final Map<String, String> REMOVED =
      Map.of(
          "by-label", "label-selector-filter",
          "by-label-selector", "label-selector-filter, with the same parameters",
          "disagg-headers-handler", "disagg-profile-handler, which sets the headers itself",
          "prefill-header-handler", "disagg-profile-handler, which sets the headers itself",
          "pd-profile-handler", "disagg-profile-handler",
          "tokenizer", "token-producer");

  /** Parameters that 0.11 has no more, by type, and what stands for them. */
  private static final Map<String, Map<String, String>> REMOVED_PARAMETERS =
      Map.of(
          "disagg-profile-handler",
          Map.of(
              "decodeProfile", "profiles.decode",
              "prefillProfile", "profiles.prefill",
              "encodeProfile", "profiles.encode",
              "prefillDeciderPluginName", "deciders.prefill",
              "encodeDeciderPluginName", "deciders.encode",
              "deciderPluginName", "deciders.prefill"),
          "token-producer",
          Map.of("udsTokenizerConfig", "vllm"));

  public ConvertedConfiguration {
    remarks = List.copyOf(remarks);
  }

  /**
   * Rewrites a document of any spelling that is read.
   *
   * @throws InvalidDocumentException when it cannot be read as a configuration
   */
  public static ConvertedConfiguration toV1(YamlSource source) throws InvalidDocumentException {
    ConfigurationDocument.read(source).check();
    Optional<EditableYaml> read = EditableYaml.of(source.text());
    return read.isPresent()
        ? converted(read.get())
        : new ConvertedConfiguration(empty(source.text()), List.of());
  }

  private static ConvertedConfiguration converted(EditableYaml yaml) {
    yaml.set("apiVersion", API_VERSION);
    yaml.move(DETECTOR, List.of("flowControl", "saturationDetector"));
    yaml.moveIntoList(PARSER, List.of("requestHandler", "parsers"));
    yaml.move(
        List.of("dataLayer", "discovery", "pluginRef"),
        List.of("dataLayer", "discovery", "endpoints", "pluginRef"));
    yaml.move(List.of("dataLayer", "peerDiscovery"), List.of("dataLayer", "discovery", "peers"));
    crossReplica(yaml, "SyncerPluginRef", "syncerPluginRef");
    crossReplica(yaml, "SyncInterval", "syncInterval");
    crossReplica(yaml, "PublishTimeout", "publishTimeout");
    return new ConvertedConfiguration(yaml.text(), remarks(yaml));
  }

  /** A document that says nothing, with its comments. */
  private static String empty(String text) {
    return Stream.concat(
            text.lines().filter(line -> line.startsWith("#")),
            Stream.of("apiVersion: " + API_VERSION))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static void crossReplica(EditableYaml yaml, String older, String current) {
    yaml.move(
        List.of("dataLayer", "crossReplica" + older),
        List.of("dataLayer", "crossReplica", current));
  }

  private static List<String> remarks(EditableYaml yaml) {
    List<String> remarks = new ArrayList<>();
    List<String> types = yaml.fieldOfItems("plugins", "type");
    List<List<String>> parameters = yaml.namesInItems("plugins", "parameters");
    for (int i = 0; i < types.size(); i++) {
      String instead = REMOVED.get(types.get(i));
      if (instead != null) {
        remarks.add(
            "plugins[%d].type: llm-d-router 0.11 has no %s any more; use %s"
                .formatted(i, types.get(i), instead));
      }
      for (String parameter : parameters.get(i)) {
        String successor = successorOf(types.get(i), parameter);
        if (successor != null) {
          remarks.add(
              "plugins[%d].parameters.%s: llm-d-router 0.11 has it no more; use %s"
                  .formatted(i, parameter, successor));
        }
      }
    }
    return remarks;
  }

  /** Names of parameters are the same in upper and lower case. */
  private static @Nullable String successorOf(String type, String parameter) {
    return REMOVED_PARAMETERS.getOrDefault(type, Map.of()).entrySet().stream()
        .filter(removed -> removed.getKey().equalsIgnoreCase(parameter))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }
}
