package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.files.FileWatch;
import ai.llmd.epp.adapter.telemetry.meter.ObjectFileMeters;
import ai.llmd.epp.application.Failures;
import ai.llmd.epp.bootstrap.objects.ReadObjects;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of objects, put in force as a whole: at the start, and whenever its content changes. One
 * that cannot be used is refused, logged with everything that is wrong, and counted; what is in
 * force stays.
 *
 * @param <T> one object
 */
final class ObjectFile<T> implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ObjectFile.class);

  /** Makes objects of a text. */
  interface Reading<T> {
    ReadObjects<T> read(YamlSource source) throws InvalidDocumentException;
  }

  private final String kind;
  private final String file;
  private final Reading<T> reading;
  private final Consumer<Collection<T>> keeper;
  private final ObjectFileMeters meters;
  private @Nullable FileWatch watch; // the starting thread's

  // the starting thread's, then the watching one's; null when unreadable
  private @Nullable YamlSource lastSeen;

  /**
   * @param kind of the objects, in the plural
   * @param keeper takes them all at once
   */
  ObjectFile(
      String kind,
      String file,
      Reading<T> reading,
      Consumer<Collection<T>> keeper,
      ObjectFileMeters meters) {
    this.kind = kind;
    this.file = file;
    this.reading = reading;
    this.keeper = keeper;
    this.meters = meters;
  }

  /**
   * Puts the file in force as it is now.
   *
   * @throws InvalidDocumentException with everything that is wrong in it
   * @throws IOException when it cannot be read
   */
  void load() throws InvalidDocumentException, IOException {
    YamlSource source = YamlSource.ofFile(file);
    lastSeen = source;
    apply(source);
  }

  /** Follows the file until this is closed. */
  void follow() {
    watch = new FileWatch(Path.of(file), this::look);
  }

  private void look() {
    YamlSource source;
    try {
      source = YamlSource.ofFile(file);
    } catch (IOException e) {
      boolean isNews = lastSeen != null;
      lastSeen = null; // so that even the old content is news when it comes back
      if (isNews) {
        refuse(e, null);
      }
      return;
    }
    if (source.equals(lastSeen)) {
      return;
    }
    lastSeen = source;
    try {
      apply(source);
      meters.applied(kind);
    } catch (InvalidDocumentException e) {
      refuse(e, null);
    } catch (Throwable thrown) { // nesting without end, for example, must not end the watching
      RuntimeException fault = Failures.contain(thrown);
      refuse(fault, fault);
    }
  }

  private void apply(YamlSource source) throws InvalidDocumentException {
    ReadObjects<T> read = reading.read(source);
    List<T> objects = read.objects();
    keeper.accept(objects);
    read.remarks().forEach(remark -> log.atWarn().addKeyValue("file", file).log(remark));
    log.atInfo()
        .addKeyValue("file", file)
        .addKeyValue("objects", objects.size())
        .log(kind + " file loaded");
  }

  /**
   * @param fault what a program error left behind; null when the file is to blame
   */
  private void refuse(Throwable reason, @Nullable Throwable fault) {
    meters.refused(kind);
    log.atError()
        .setCause(fault)
        .addKeyValue("file", file)
        .addKeyValue("reason", reason.getMessage())
        .log(kind + " file refused, what is in force stays");
  }

  @Override
  public void close() {
    if (watch != null) {
      watch.close();
    }
  }
}
