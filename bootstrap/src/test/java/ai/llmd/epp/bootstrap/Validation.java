package ai.llmd.epp.bootstrap;

import ai.llmd.epp.cli.Options;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.io.IOException;

/** What {@code --validate} does, without a process. */
public final class Validation {

  private Validation() {}

  /** Throws what is wrong with the configuration that the options name. */
  public static void check(Options options)
      throws InvalidDocumentException, StartException, IOException {
    DryRun.validate(options);
  }
}
