package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * The build's way in: program, distribution, work folder, archive to write, base image, name with
 * tag, commit, time stamp of every file.
 */
public final class MakeImage {

  private MakeImage() {}

  /** Leaves the archive, or ends with an exception that names what is missing. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path work = Path.of(arguments[2]);
    Files.createDirectories(work);
    Recipe recipe =
        new Recipe(
            Program.named(arguments[0]),
            Path.of(arguments[1]),
            work,
            arguments[4],
            arguments[5],
            arguments[6],
            Instant.parse(arguments[7]));
    JavaRuntime java = JavaRuntime.link(work.resolve("java"), recipe.jvmFlags());
    Application application = Application.stage(recipe, work.resolve("app"));
    ClassData.record(java, application, work);
    List<Layer> layers =
        List.of(
            new OperatingSystem(work.resolve("os"), java, application).layer(recipe.standsAlone()),
            java.layer(),
            application.libraries(),
            application.ownFiles(),
            application.classData());
    new Archive(recipe).write(layers, Path.of(arguments[3]));
  }
}
