package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * The build's way in: distribution, work folder, archive to write, base image, name with tag,
 * commit, time stamp of every file.
 */
public final class MakeImage {

  private MakeImage() {}

  /** Leaves the archive, or ends with an exception that names what is missing. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path work = Path.of(arguments[1]);
    Recipe recipe =
        new Recipe(
            Path.of(arguments[0]),
            work,
            arguments[3],
            arguments[4],
            arguments[5],
            Instant.parse(arguments[6]));
    JavaRuntime java = JavaRuntime.link(work.resolve("java"), recipe.jvmFlags());
    Application application = Application.stage(recipe, work.resolve("app"));
    ClassData.record(java, application, work);
    List<Layer> layers =
        List.of(
            new OperatingSystem(work.resolve("os"), java, application).layer(recipe.standsAlone()),
            java.layer(),
            application.libraries(),
            application.program(),
            application.classData());
    new Archive(recipe).write(layers, Path.of(arguments[2]));
  }
}
