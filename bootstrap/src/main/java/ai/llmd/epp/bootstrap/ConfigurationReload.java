package ai.llmd.epp.bootstrap;

import ai.llmd.epp.configuration.ConfigurationSource;
import ai.llmd.epp.filewatch.FollowedFile;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the configuration file in force whenever its content changes. One that cannot be used is
 * refused as a whole, logged with everything that is wrong, and counted; what is in force stays.
 *
 * <p>Works on the thread of the watch; requests never wait for it.
 */
final class ConfigurationReload implements FollowedFile.Use<YamlSource, InvalidDocumentException> {

  private static final Logger log = LoggerFactory.getLogger(ConfigurationReload.class);

  private final String file;
  private final SharedParts shared;
  private final LiveConfiguration serving;

  private ConfigurationReload(String file, SharedParts shared, LiveConfiguration serving) {
    this.file = file;
    this.shared = shared;
    this.serving = serving;
  }

  /**
   * Follows the file until the result is closed.
   *
   * @param inForce what was read at the start
   */
  static FollowedFile<YamlSource, InvalidDocumentException> of(
      String file, YamlSource inForce, SharedParts shared, LiveConfiguration serving) {
    return new FollowedFile<>(
            Path.of(file),
            "configuration refused, the one in force stays",
            new ConfigurationReload(file, shared, serving))
        .loaded(inForce)
        .follow();
  }

  @Override
  public YamlSource read() throws IOException {
    return ConfigurationSource.of("", file);
  }

  @Override
  public void apply(YamlSource source) throws InvalidDocumentException {
    Draft draft = shared.draft(source, serving.inForce());
    Change change = serving.replace(draft);
    shared.meters().configuration.applied(System.currentTimeMillis());
    draft.configuration().warnings().forEach(warning -> log.atWarn().log(warning));
    log.atInfo()
        .addKeyValue("file", file)
        .addKeyValue("kept", change.kept())
        .addKeyValue("built", change.built())
        .addKeyValue("removed", change.removed())
        .log("configuration applied");
  }

  @Override
  public void refused(String reason) {
    shared.meters().configuration.refused();
  }
}
