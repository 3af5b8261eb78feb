package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.files.FileWatch;
import ai.llmd.epp.application.Failures;
import ai.llmd.epp.bootstrap.config.ConfigurationSource;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the configuration file in force whenever its content changes. One that cannot be used is
 * refused as a whole, logged with everything that is wrong, and counted; what is in force stays.
 *
 * <p>Works on the thread of the watch; requests never wait for it.
 */
final class ConfigurationReload implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ConfigurationReload.class);

  private final String file;
  private final Foundation foundation;
  private final Serving serving;
  private final FileWatch watch;

  // the watching thread's: what was looked at last, in force or refused; null when unreadable
  private @Nullable YamlSource lastSeen;

  /**
   * Watches until it is closed.
   *
   * @param inForce what was read at the start
   */
  ConfigurationReload(String file, YamlSource inForce, Foundation foundation, Serving serving) {
    this.file = file;
    this.lastSeen = inForce;
    this.foundation = foundation;
    this.serving = serving;
    this.watch = new FileWatch(Path.of(file), this::look);
  }

  private void look() {
    YamlSource source;
    try {
      source = ConfigurationSource.of("", file);
    } catch (IOException e) {
      boolean isNews = lastSeen != null;
      lastSeen = null; // so that even the old content is news when it comes back
      if (isNews) {
        refuse(e, null);
      }
      return;
    }
    if (!source.equals(lastSeen)) {
      lastSeen = source;
      apply(source);
    }
  }

  private void apply(YamlSource source) {
    try {
      Draft draft = foundation.draft(source, serving.inForce());
      Change change = serving.replace(draft);
      foundation.meters().configuration.applied(System.currentTimeMillis());
      draft.configuration().warnings().forEach(warning -> log.atWarn().log(warning));
      log.atInfo()
          .addKeyValue("file", file)
          .addKeyValue("kept", change.kept())
          .addKeyValue("built", change.built())
          .addKeyValue("removed", change.removed())
          .log("configuration applied");
    } catch (InvalidDocumentException e) {
      refuse(e, null);
    } catch (Throwable thrown) { // a stranger's plugin must not end the watching
      RuntimeException fault = Failures.contain(thrown);
      refuse(fault, fault);
    }
  }

  /**
   * @param fault what a program error left behind; null when the file is to blame
   */
  private void refuse(Throwable reason, @Nullable Throwable fault) {
    foundation.meters().configuration.refused();
    log.atError()
        .setCause(fault)
        .addKeyValue("file", file)
        .addKeyValue("reason", reason.getMessage())
        .log("configuration refused, the one in force stays");
  }

  @Override
  public void close() {
    watch.close();
  }
}
