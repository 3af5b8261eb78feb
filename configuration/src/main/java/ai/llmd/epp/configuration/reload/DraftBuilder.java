package ai.llmd.epp.configuration.reload;

import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.configuration.ConfigurationDocument;
import ai.llmd.epp.configuration.ConfigurationLoader;
import ai.llmd.epp.configuration.plugin.PluginServices;
import ai.llmd.epp.configuration.store.StateStoreSettings;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.Problem;
import ai.llmd.epp.yaml.YamlSource;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads configurations and builds their plugins; starts nothing. */
public final class DraftBuilder {

  private final ConfigurationLoader loader;
  private final List<Problem> problems;
  private final List<String> featureGates;
  private final PluginServices services;
  private final Function<StateStoreSettings, SharedState> newState;

  /**
   * @param problems beside the document; any of them refuses every document
   * @param featureGates entries that count after those of every document
   * @param services what plugins may ask for, beside the state and the observer of prefixes, which
   *     each draft has of its own
   * @param newState the state of a program that starts
   */
  public DraftBuilder(
      ConfigurationLoader loader,
      List<Problem> problems,
      List<String> featureGates,
      PluginServices services,
      Function<StateStoreSettings, SharedState> newState) {
    this.loader = loader;
    this.problems = List.copyOf(problems);
    this.featureGates = List.copyOf(featureGates);
    this.services = services;
    this.newState = newState;
  }

  /**
   * The configuration that a program starts with.
   *
   * @throws InvalidDocumentException with everything that is wrong in it
   */
  public Draft first(YamlSource source) throws InvalidDocumentException {
    return build(source, null);
  }

  /**
   * A configuration that is to replace another one, whose plugins are kept where they would be
   * built alike. When it is refused, what was built for it is closed again.
   *
   * @throws InvalidDocumentException with everything that is wrong in it
   */
  Draft next(YamlSource source, Draft inForce) throws InvalidDocumentException {
    return build(source, inForce);
  }

  private Draft build(YamlSource source, @Nullable Draft inForce) throws InvalidDocumentException {
    ConfigurationDocument document = ConfigurationDocument.read(source, featureGates);
    document.refuse(problems);
    SharedState state =
        inForce == null ? newState.apply(document.stateStore()) : inForce.state().successor();
    StagedPrefixes prefixes = new StagedPrefixes();
    PluginServices ofDraft =
        services.with(SharedState.class, state).with(PrefixObserver.class, prefixes);
    return new Draft(
        loader.load(document, ofDraft, inForce == null ? null : inForce.configuration()),
        state,
        prefixes);
  }
}
