package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.telemetry.meter.ObjectFileMeters;
import ai.llmd.epp.bootstrap.cli.Options;
import ai.llmd.epp.bootstrap.config.EffectiveConfiguration;
import ai.llmd.epp.bootstrap.objects.ObjectOwner;
import ai.llmd.epp.bootstrap.objects.ObjectivesFile;
import ai.llmd.epp.bootstrap.objects.RewritesFile;
import ai.llmd.epp.filewatch.FollowedFile;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The files with objectives and rewrites that the options name. */
final class ObjectFiles implements AutoCloseable {

  private final List<FollowedFile<YamlSource, InvalidDocumentException>> files = new ArrayList<>();

  private ObjectFiles(Options options, KeptObjects objects, ObjectFileMeters meters) {
    Options.Pool pool = options.pool();
    ObjectOwner owner = new ObjectOwner(pool.name(), pool.group(), pool.namespace());
    String objectives = options.objects().objectivesFile();
    if (!objectives.isEmpty()) {
      files.add(
          new ObjectFile<>(
                  "objectives",
                  objectives,
                  source -> ObjectivesFile.read(source, owner),
                  objects::keepObjectives,
                  meters)
              .followed());
    }
    String rewrites = options.objects().rewritesFile();
    if (!rewrites.isEmpty()) {
      files.add(
          new ObjectFile<>(
                  "rewrites",
                  rewrites,
                  source -> RewritesFile.read(source, owner),
                  objects::keepRewrites,
                  meters)
              .followed());
    }
  }

  /**
   * Puts the files in force; nothing is followed.
   *
   * @throws StartException when endpoints, and with them objects, come from elsewhere
   * @throws InvalidDocumentException with everything that is wrong in one of them
   * @throws IOException when one cannot be read
   */
  static ObjectFiles load(
      Options options,
      EffectiveConfiguration configuration,
      KeptObjects objects,
      ObjectFileMeters meters)
      throws StartException, InvalidDocumentException, IOException {
    if (options.objects().areGiven() && configuration.discovery().isEmpty()) {
      throw new StartException(
          "--objectives-file and --rewrites-file are for endpoints from a file; with endpoints from"
              + " Kubernetes, objectives and rewrites come from Kubernetes too");
    }
    ObjectFiles loaded = new ObjectFiles(options, objects, meters);
    for (FollowedFile<YamlSource, InvalidDocumentException> file : loaded.files) {
      file.load();
    }
    return loaded;
  }

  /** Throws like {@link #load} and changes nothing. */
  static void validate(Options options, EffectiveConfiguration configuration, Meters meters)
      throws StartException, InvalidDocumentException, IOException {
    load(options, configuration, new KeptObjects(meters.limits), meters.objectFiles).close();
  }

  /** Puts later changes of the files in force, too. */
  void follow() {
    files.forEach(FollowedFile::follow);
  }

  @Override
  public void close() {
    files.forEach(FollowedFile::close);
  }
}
