import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Formats every Java source of the checkout with google-java-format.
 *
 * <p>{@code check} fails when a file would change, {@code apply} rewrites it. Runs as a single-file
 * program on the JDK that the build selected, because the formatter does not load on older ones.
 */
final class Format {

  private Format() {}

  public static void main(String[] args) throws Exception {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        args[0].equals("apply")
            ? List.of("--replace")
            : List.of("--dry-run", "--set-exit-if-changed"));
    sourcesBelow(Path.of(args[1])).forEach(arguments::add);
    com.google.googlejavaformat.java.Main.main(arguments.toArray(String[]::new));
  }

  private static List<String> sourcesBelow(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !file.toString().contains("/target/"))
          .map(Path::toString)
          .sorted()
          .toList();
    }
  }
}
