package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The build's way in, with {@code name=value} arguments: those of {@link Recipe#of}, and {@code
 * archive}, the file to write. The bill of materials is written beside it.
 */
public final class MakeImage {

  private static final String TAR = ".tar";

  private MakeImage() {}

  /** Leaves the archive, or ends with an exception that names what is missing. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Map<String, String> options =
        Stream.of(arguments)
            .map(argument -> argument.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    make(Recipe.of(options), Path.of(options.getOrDefault("archive", "image.tar")));
  }

  private static void make(Recipe recipe, Path archive) throws IOException, InterruptedException {
    Path work = recipe.work();
    Files.createDirectories(work);
    JavaRuntime java = JavaRuntime.link(work.resolve("java"), recipe);
    Application application = Application.stage(recipe, work.resolve("app"));
    if (recipe.isForThisMachine()) {
      ClassData.record(java, application, work);
    }
    CopiedFiles copied =
        new OperatingSystem(
                recipe.root(), recipe.architecture(), work.resolve("os"), java, application)
            .copy(recipe.standsAlone());
    Path bill = beside(archive);
    Files.writeString(
        bill, new BillOfMaterials(recipe, components(recipe, java, application, copied)).json());
    List<Layer> layers =
        new ArrayList<>(
            List.of(
                copied.layer(),
                java.layer(),
                application.libraries(),
                application.ownFiles().with(BillOfMaterials.place(recipe.program()), bill)));
    if (recipe.isForThisMachine()) {
      layers.add(application.classData());
    }
    new Archive(recipe).write(layers, archive);
  }

  private static Path beside(Path archive) {
    String name = String.valueOf(archive.getFileName());
    String stem = name.endsWith(TAR) ? name.substring(0, name.length() - TAR.length()) : name;
    return archive.resolveSibling(stem + BillOfMaterials.ENDING);
  }

  private static List<Component> components(
      Recipe recipe, JavaRuntime java, Application application, CopiedFiles copied)
      throws IOException {
    List<Component> components = new ArrayList<>();
    components.addAll(copied.components());
    components.add(java.component());
    components.addAll(Jars.describe(application.jars(), recipe.repository()));
    return components;
  }
}
