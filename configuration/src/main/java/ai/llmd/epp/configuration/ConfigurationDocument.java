package ai.llmd.epp.configuration;

import ai.llmd.epp.configuration.store.StateStoreReader;
import ai.llmd.epp.configuration.store.StateStoreSettings;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.Problem;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.RecordBinder;
import ai.llmd.epp.yaml.Value;
import ai.llmd.epp.yaml.YamlSource;
import ai.llmd.epp.yaml.YamlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A configuration that has been read, but nothing of which has been built.
 *
 * <p>What is wrong with it is kept and reported together with what {@link ConfigurationLoader}
 * finds afterwards, so that the operator sees all mistakes at once.
 */
public final class ConfigurationDocument {

  private static final String NEXT_VERSION =
      ConfigurationFile.NEXT_API_VERSION
          + " is the format of llm-d-router 0.11, which is not read yet; write "
          + ConfigurationFile.API_VERSION
          + ", with dataLayer.discovery.pluginRef for dataLayer.discovery.endpoints.pluginRef";

  /** RFC 9110, 5.6.2. */
  static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private final ConfigurationFile file;
  private final FeatureGates featureGates;
  private final StateStoreSettings stateStore;
  private final Problems problems;
  private final List<String> warnings = new ArrayList<>();

  private ConfigurationDocument(ConfigurationFile file, Problems problems) {
    this.file = file;
    this.problems = problems;
    this.featureGates = FeatureGates.read(file.featureGates(), problems);
    this.stateStore = new StateStoreReader(file.stateStore(), problems, warnings).read();
    checkHead();
    warnOfIgnoredFlowControl();
    checkTenants();
  }

  /** Reads the first document of the text. */
  public static ConfigurationDocument read(YamlSource source) {
    Problems problems = new Problems(source.origin());
    Value document = YamlText.read(source.text(), source.origin(), problems);
    ConfigurationFile file =
        new RecordBinder(true, problems).bind(document, ConfigurationFile.class, null);
    return new ConfigurationDocument(Objects.requireNonNull(file), problems);
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

  private void checkHead() {
    LocatedText apiVersion = file.apiVersion().or(ConfigurationFile.API_VERSION);
    if (apiVersion.value().equals(ConfigurationFile.OLD_API_VERSION)) {
      warnings.add(
          "apiVersion " + apiVersion + " is deprecated, use " + ConfigurationFile.API_VERSION);
    } else if (apiVersion.value().equals(ConfigurationFile.NEXT_API_VERSION)) {
      problems.add(apiVersion.spot(), NEXT_VERSION);
    } else if (!apiVersion.value().equals(ConfigurationFile.API_VERSION)) {
      problems.add(
          apiVersion.spot(),
          "must be \"" + ConfigurationFile.API_VERSION + "\", was \"" + apiVersion + '"');
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
