package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which Debian package a file of a machine belongs to. Reads what {@code dpkg} writes, and what
 * images without it have ({@code status.d}); elsewhere it is empty.
 */
final class PackageDatabase {

  /** Below the root of a machine. */
  private static final String PLACE = "var/lib/dpkg";

  private static final String LIST = ".list";
  private static final String SUMS = ".md5sums";
  private static final int SUM_LENGTH = 34; // 32 digits and two spaces

  private final Map<String, DebianPackage> owners = new HashMap<>(); // by absolute path

  private PackageDatabase() {}

  /** That of the machine, or of the image, whose files are below a root. */
  static PackageDatabase read(Path root) throws IOException {
    PackageDatabase database = new PackageDatabase();
    Path folder = root.resolve(PLACE);
    if (Files.exists(folder.resolve("status"))) {
      database.readStatus(folder.resolve("status"), folder.resolve("info"));
    }
    for (Path file : list(folder.resolve("status.d"))) {
      if (!file.toString().endsWith(SUMS)) {
        database.readEntry(file);
      }
    }
    return database;
  }

  private void readStatus(Path status, Path info) throws IOException {
    Map<String, DebianPackage> packages = new HashMap<>();
    for (DebianPackage one : DebianPackage.parse(text(status))) {
      if (one.isInstalled()) {
        packages.put(one.name(), one);
        packages.put(one.name() + ":" + one.architecture(), one);
      }
    }
    for (Path list : list(info)) {
      String file = String.valueOf(list.getFileName());
      DebianPackage owner =
          file.endsWith(LIST)
              ? packages.get(file.substring(0, file.length() - LIST.length()))
              : null;
      if (owner != null) {
        text(list).lines().forEach(path -> owners.put(path, owner));
      }
    }
  }

  private void readEntry(Path file) throws IOException {
    Path sums = file.resolveSibling(file.getFileName() + SUMS);
    List<DebianPackage> packages = DebianPackage.parse(text(file));
    if (packages.size() == 1 && Files.exists(sums)) {
      text(sums)
          .lines()
          .filter(line -> line.length() > SUM_LENGTH)
          .forEach(line -> owners.put(absolute(line.substring(SUM_LENGTH)), packages.getFirst()));
    }
  }

  private static String absolute(String path) {
    return path.startsWith("/") ? path : "/" + path.replaceFirst("^\\./", "");
  }

  private static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1); // bytes as they are
  }

  /**
   * The package that a file came with.
   *
   * @param names of the file, absolute: a link's and its target's. Each is looked for with and
   *     without {@code /usr}, because packages name either where the folders are one
   */
  Optional<DebianPackage> owner(List<String> names) {
    List<String> spellings = new ArrayList<>();
    for (String name : names) {
      spellings.add(name);
      spellings.add(name.startsWith("/usr/") ? name.substring("/usr".length()) : "/usr" + name);
    }
    return spellings.stream().filter(owners::containsKey).map(owners::get).findFirst();
  }
}
