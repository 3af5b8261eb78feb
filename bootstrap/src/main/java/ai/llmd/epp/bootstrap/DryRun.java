package ai.llmd.epp.bootstrap;

import ai.llmd.epp.cli.Options;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.ExplainedConfiguration;
import ai.llmd.epp.configuration.reload.Draft;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.io.IOException;

/** Reads and builds what the options name, as a start does, and lets go of it again. */
final class DryRun {

  private DryRun() {}

  /**
   * Checks all that the options name.
   *
   * @return what it came to; its plugins are closed
   */
  static EffectiveConfiguration validate(Options options)
      throws InvalidDocumentException, StartException, IOException {
    try (SharedParts shared = SharedParts.build(options)) {
      EffectiveConfiguration configuration = tried(options, shared);
      EndpointSource.check(options, configuration);
      new KeptObjects(shared.meters().limits).load(options, shared).close();
      return configuration;
    }
  }

  /** The configuration that the options name, with all defaults and the reason of each plugin. */
  static String explain(Options options) throws InvalidDocumentException, IOException {
    try (SharedParts shared = SharedParts.build(options)) {
      return new ExplainedConfiguration(tried(options, shared)).text();
    }
  }

  private static EffectiveConfiguration tried(Options options, SharedParts shared)
      throws InvalidDocumentException, IOException {
    Draft draft = shared.drafts().first(ServerSettings.configuration(options));
    draft.close();
    return draft.configuration();
  }
}
