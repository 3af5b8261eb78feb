import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Formats every Java source of the checkout with google-java-format.
 *
 * <p>{@code check} fails when a file would change, {@code apply} rewrites it. Runs as a single-file
 * program on the JDK that the build selected, because the formatter does not load on older ones.
 * Remembers the hashes of files that were found well formatted, and looks at none of these again.
 */
final class Format {

  private static final Path FORMATTER = Path.of("target/tools/google-java-format-all-deps.jar");
  private static final Path KNOWN = Path.of("target/tools/formatted.txt");

  private Format() {}

  public static void main(String[] args) throws Exception {
    boolean isApplied = args[0].equals("apply");
    String formatter = hash(FORMATTER);
    Set<String> known = known(formatter);
    List<Path> sources = sourcesBelow(Path.of(args[1]));
    List<Path> unknown = new ArrayList<>();
    for (Path source : sources) {
      if (!known.contains(hash(source))) {
        unknown.add(source);
      }
    }
    if (!unknown.isEmpty() && format(isApplied, unknown) != 0) {
      System.exit(1);
    }
    remember(formatter, sources);
  }

  private static int format(boolean isApplied, List<Path> sources) throws Exception {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        isApplied ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    sources.forEach(source -> arguments.add(source.toString()));
    var main =
        new com.google.googlejavaformat.java.Main(
            new java.io.PrintWriter(System.out, true),
            new java.io.PrintWriter(System.err, true),
            System.in);
    return main.format(arguments.toArray(String[]::new));
  }

  private static List<Path> sourcesBelow(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !file.toString().contains("/target/"))
          .sorted()
          .toList();
    }
  }

  /** The hashes of the last run, if it used the same formatter. */
  private static Set<String> known(String formatter) throws IOException {
    if (!Files.exists(KNOWN)) {
      return Set.of();
    }
    Set<String> lines = new HashSet<>(Files.readAllLines(KNOWN));
    return lines.contains(formatter) ? lines : Set.of();
  }

  private static void remember(String formatter, List<Path> sources) throws IOException {
    Set<String> hashes = new TreeSet<>(Set.of(formatter));
    for (Path source : sources) {
      hashes.add(hash(source));
    }
    Files.write(KNOWN, hashes);
  }

  private static String hash(Path file) throws IOException {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
