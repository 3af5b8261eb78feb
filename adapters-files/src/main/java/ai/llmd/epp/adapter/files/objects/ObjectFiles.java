package ai.llmd.epp.adapter.files.objects;

import ai.llmd.epp.application.port.in.KeepObjectives;
import ai.llmd.epp.application.port.in.KeepRewrites;
import ai.llmd.epp.application.port.out.ObjectFileObserver;
import ai.llmd.epp.filewatch.FollowedFile;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The files with objectives and rewrites, or as many of them as there are. */
public final class ObjectFiles implements AutoCloseable {

  /**
   * Which files, and whose objects in them count.
   *
   * @param objectives empty when there is none
   * @param rewrites empty when there is none
   */
  public record Settings(String objectives, String rewrites, ObjectOwner owner) {}

  private final List<FollowedFile<YamlSource, InvalidDocumentException>> files;

  private ObjectFiles(List<FollowedFile<YamlSource, InvalidDocumentException>> files) {
    this.files = files;
  }

  /**
   * Puts the files in force; nothing is followed.
   *
   * @throws InvalidDocumentException with everything that is wrong in one of them
   * @throws IOException when one cannot be read
   */
  public static ObjectFiles load(
      Settings settings,
      KeepObjectives objectives,
      KeepRewrites rewrites,
      ObjectFileObserver observer)
      throws InvalidDocumentException, IOException {
    List<FollowedFile<YamlSource, InvalidDocumentException>> files = new ArrayList<>();
    if (!settings.objectives.isEmpty()) {
      files.add(
          new ObjectFile<>(
                  "objectives",
                  settings.objectives,
                  source -> ObjectivesFile.read(source, settings.owner),
                  objectives::keepObjectives,
                  observer)
              .followed());
    }
    if (!settings.rewrites.isEmpty()) {
      files.add(
          new ObjectFile<>(
                  "rewrites",
                  settings.rewrites,
                  source -> RewritesFile.read(source, settings.owner),
                  rewrites::keepRewrites,
                  observer)
              .followed());
    }
    for (FollowedFile<YamlSource, InvalidDocumentException> file : files) {
      file.load();
    }
    return new ObjectFiles(files);
  }

  /** Puts later changes of the files in force, too. */
  public void follow() {
    files.forEach(FollowedFile::follow);
  }

  @Override
  public void close() {
    files.forEach(FollowedFile::close);
  }
}
