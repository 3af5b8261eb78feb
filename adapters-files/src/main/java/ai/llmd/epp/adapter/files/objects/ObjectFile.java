package ai.llmd.epp.adapter.files.objects;

import ai.llmd.epp.application.port.out.ObjectFileObserver;
import ai.llmd.epp.filewatch.FollowedFile;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of objects, put in force as a whole: at the start, and whenever its content changes. One
 * that cannot be used is refused, logged with everything that is wrong, and counted; what is in
 * force stays.
 *
 * @param <T> one object
 */
final class ObjectFile<T> implements FollowedFile.Use<YamlSource, InvalidDocumentException> {

  private static final Logger log = LoggerFactory.getLogger(ObjectFile.class);

  /** Makes objects of a text. */
  interface Reading<T> {
    ReadObjects<T> read(YamlSource source) throws InvalidDocumentException;
  }

  private final String kind;
  private final String file;
  private final Reading<T> reading;
  private final Consumer<Collection<T>> keeper;
  private final ObjectFileObserver observer;

  /**
   * @param kind of the objects, in the plural
   * @param keeper takes them all at once
   */
  ObjectFile(
      String kind,
      String file,
      Reading<T> reading,
      Consumer<Collection<T>> keeper,
      ObjectFileObserver observer) {
    this.kind = kind;
    this.file = file;
    this.reading = reading;
    this.keeper = keeper;
    this.observer = observer;
  }

  /** Neither loaded nor followed yet. */
  FollowedFile<YamlSource, InvalidDocumentException> followed() {
    return new FollowedFile<>(Path.of(file), kind + " file refused, what is in force stays", this);
  }

  @Override
  public YamlSource read() throws IOException {
    return YamlSource.ofFile(file);
  }

  @Override
  public void apply(YamlSource source) throws InvalidDocumentException {
    ReadObjects<T> read = reading.read(source);
    List<T> objects = read.objects();
    keeper.accept(objects);
    read.remarks().forEach(remark -> log.atWarn().addKeyValue("file", file).log(remark));
    log.atInfo()
        .addKeyValue("file", file)
        .addKeyValue("objects", objects.size())
        .log(kind + " file loaded");
  }

  @Override
  public void applied() {
    observer.applied(kind);
  }

  @Override
  public void refused(String reason) {
    observer.refused(kind);
  }
}
