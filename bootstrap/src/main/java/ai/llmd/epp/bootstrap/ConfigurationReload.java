package ai.llmd.epp.bootstrap;

import ai.llmd.epp.configuration.ConfigurationSource;
import ai.llmd.epp.configuration.reload.LiveConfiguration;
import ai.llmd.epp.configuration.reload.LiveConfiguration.Change;
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
  private final Meters meters;
  private final LiveConfiguration<?> live;
  private final ConfigurationHistory history;

  private ConfigurationReload(
      String file, Meters meters, LiveConfiguration<?> live, ConfigurationHistory history) {
    this.file = file;
    this.meters = meters;
    this.live = live;
    this.history = history;
  }

  /**
   * Follows the file until the result is closed.
   *
   * @param inForce what was read at the start
   * @param history receives what becomes of each change
   */
  static FollowedFile<YamlSource, InvalidDocumentException> of(
      String file,
      YamlSource inForce,
      SharedParts shared,
      LiveConfiguration<?> live,
      ConfigurationHistory history) {
    return new FollowedFile<>(
            Path.of(file),
            "configuration refused, the one in force stays",
            new ConfigurationReload(file, shared.meters(), live, history))
        .loaded(inForce)
        .follow();
  }

  @Override
  public YamlSource read() throws IOException {
    return ConfigurationSource.of("", file);
  }

  @Override
  public void apply(YamlSource source) throws InvalidDocumentException {
    Change change = live.replace(source);
    meters.configuration.applied(System.currentTimeMillis());
    meters.changed(change.kept(), change.built());
    history.applied(change);
    live.inForce().warnings().forEach(warning -> log.atWarn().log(warning));
    log.atInfo()
        .addKeyValue("file", file)
        .addKeyValue("kept", change.kept())
        .addKeyValue("built", change.built())
        .addKeyValue("removed", change.removed())
        .log("configuration applied");
  }

  @Override
  public void refused(String reason) {
    meters.configuration.refused();
    history.refused(reason);
  }
}
