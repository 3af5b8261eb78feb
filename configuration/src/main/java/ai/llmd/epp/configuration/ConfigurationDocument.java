package ai.llmd.epp.configuration;

import ai.llmd.epp.configuration.store.StateStoreReader;
import ai.llmd.epp.configuration.store.StateStoreSettings;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.Problem;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.RecordBinder;
import ai.llmd.epp.yaml.SourceLocation;
import ai.llmd.epp.yaml.Value;
import ai.llmd.epp.yaml.YamlSource;
import ai.llmd.epp.yaml.YamlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A configuration that has been read, but nothing of which has been built.
 *
 * <p>What is wrong with it is kept and reported together with what {@link ConfigurationLoader}
 * finds afterwards, so that the operator sees all mistakes at once.
 */
public final class ConfigurationDocument {

  /** RFC 9110, 5.6.2. */
  static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private final ConfigurationFile file;
  private final FeatureGates featureGates;
  private final StateStoreSettings stateStore;
  private final Problems problems;
  private final List<String> warnings = new ArrayList<>();
  private final List<String> notices;

  private ConfigurationDocument(
      ConfigurationFile file, List<String> featureGates, Problems problems) {
    this.file = file;
    this.problems = problems;
    this.featureGates = FeatureGates.read(all(file.featureGates(), featureGates), problems);
    this.stateStore = new StateStoreReader(file.stateStore(), problems, warnings).read();
    this.notices = OlderSpellings.in(file);
    checkHead();
    checkCrossReplica();
    warnOfIgnoredFlowControl();
    checkTenants();
  }

  /** Reads the first document of the text. */
  public static ConfigurationDocument read(YamlSource source) {
    return read(source, List.of());
  }

  /**
   * Reads the first document of the text.
   *
   * @param featureGates entries that count after those of the document
   */
  public static ConfigurationDocument read(YamlSource source, List<String> featureGates) {
    Problems problems = new Problems(source.origin());
    Value document = YamlText.read(source.text(), source.origin(), problems);
    ConfigurationFile file =
        new RecordBinder(true, problems).bind(document, ConfigurationFile.class, null);
    return new ConfigurationDocument(Objects.requireNonNull(file), featureGates, problems);
  }

  private static List<LocatedText> all(List<LocatedText> written, List<String> added) {
    SourceLocation flag = SourceLocation.unwritten("--feature-gates");
    return Stream.concat(written.stream(), added.stream().map(gate -> new LocatedText(gate, flag)))
        .toList();
  }

  /**
   * Throws when the text cannot be read as a configuration. What it describes has not been built,
   * and may be refused yet.
   *
   * @throws InvalidDocumentException with everything that is wrong
   */
  public void check() throws InvalidDocumentException {
    problems.throwIfAny();
  }

  /** Where learned state lives. */
  public StateStoreSettings stateStore() {
    return stateStore;
  }

  public FeatureGates featureGates() {
    return featureGates;
  }

  /**
   * Adds what is wrong beside the document. It is reported first, since it may be the cause of the
   * rest.
   */
  public void refuse(List<Problem> others) {
    problems.precede(others);
  }

  ConfigurationFile file() {
    return file;
  }

  Problems problems() {
    return problems;
  }

  List<String> warnings() {
    return warnings;
  }

  /** One line for each older spelling: what to write instead. */
  List<String> notices() {
    return notices;
  }

  private void checkHead() {
    LocatedText apiVersion = file.apiVersion().or(ConfigurationFile.API_VERSION);
    if (apiVersion.value().equals(ConfigurationFile.OLD_API_VERSION)) {
      warnings.add(
          "apiVersion " + apiVersion + " is deprecated, use " + ConfigurationFile.API_VERSION);
    } else if (!apiVersion.value().equals(ConfigurationFile.API_VERSION)
        && !apiVersion.value().equals(ConfigurationFile.NEXT_API_VERSION)) {
      problems.add(
          apiVersion.spot(),
          "must be \"%s\" or \"%s\", was \"%s\""
              .formatted(
                  ConfigurationFile.NEXT_API_VERSION, ConfigurationFile.API_VERSION, apiVersion));
    }
    LocatedText kind = file.kind().or(ConfigurationFile.KIND);
    if (!kind.value().equals(ConfigurationFile.KIND)) {
      problems.add(kind.spot(), "must be \"" + ConfigurationFile.KIND + "\", was \"" + kind + '"');
    }
    if (file.saturationDetector() != null) {
      warnings.add("saturationDetector is deprecated, use flowControl.saturationDetector");
    }
    if (file.parser() != null) {
      warnings.add("parser is deprecated, use requestHandler.parsers");
    }
  }

  private void checkCrossReplica() {
    ConfigurationFile.DataLayer dataLayer = file.dataLayerOrNone();
    if (!dataLayer.publishTimeout().isPositive()) {
      problems.add(
          dataLayer.spot().field("crossReplica").field("publishTimeout"), "must be more than 0");
    }
    boolean hasPeers = dataLayer.discovery() != null && dataLayer.discovery().peers() != null;
    if (hasPeers) {
      warnings.add(
          "dataLayer.discovery.peers has no effect: replicas find each other in the stateStore");
    }
  }

  private void checkTenants() {
    ConfigurationFile.Tenants tenants = file.tenants();
    if (tenants != null
        && !tenants.prefixesByHeader().isEmpty()
        && !HEADER_NAME.matcher(tenants.prefixesByHeader().value()).matches()) {
      problems.add(
          tenants.prefixesByHeader().spot(),
          "must be the name of a header, was \"" + tenants.prefixesByHeader() + '"');
    }
  }

  private void warnOfIgnoredFlowControl() {
    if (!featureGates.flowControl()
        && file.flowControl() != null
        && file.flowControl().hasGatedSettings()) {
      warnings.add("flowControl has settings that are ignored while its feature gate is off");
    }
  }
}
