package ai.llmd.epp.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Describes jars: from the repository that they came from, or else by what they say themselves. */
final class Jars {

  private static final String OUR_GROUP = "ai.llmd";

  /** Folder of classes that only jars of this project have. */
  private static final String OUR_CLASSES = "ai/llmd/epp/";

  private static final License OUR_LICENSE = License.of("Apache-2.0", "");
  private static final Pattern FILE = Pattern.compile("(.+?)-(\\d.*)\\.jar");
  private static final Pattern MAVEN = Pattern.compile("META-INF/maven/[^/]+/[^/]+/pom.properties");

  private Jars() {}

  /**
   * One component each, in the same order.
   *
   * @param jars from path in the image to the file
   */
  static List<Component> describe(Map<String, Path> jars, Path repository) throws IOException {
    MavenRepository maven =
        MavenRepository.read(
            repository,
            jars.values().stream()
                .map(jar -> String.valueOf(jar.getFileName()))
                .collect(Collectors.toSet()));
    List<Component> components = new ArrayList<>();
    for (Map.Entry<String, Path> jar : jars.entrySet()) {
      components.add(describe(jar.getKey(), jar.getValue(), maven));
    }
    return components;
  }

  private static Component describe(String place, Path jar, MavenRepository maven)
      throws IOException {
    Optional<MavenCoordinates> origin = maven.origin(jar);
    MavenCoordinates known = origin.isPresent() ? origin.get() : byItself(jar);
    return new Component(
        "library",
        known.group(),
        known.artifact(),
        known.version(),
        known.group().isEmpty() ? "" : known.url(),
        "",
        known.group().equals(OUR_GROUP) ? List.of(OUR_LICENSE) : maven.licenses(known),
        Digests.sha256(Files.readAllBytes(jar)),
        List.of(place));
  }

  /**
   * By the Maven properties that fit its name, since a jar may contain others; or by its name. Ours
   * may be without properties, as the plugin API is.
   */
  private static MavenCoordinates byItself(Path jar) throws IOException {
    String file = String.valueOf(jar.getFileName());
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      List<? extends ZipEntry> entries =
          zip.stream().filter(entry -> MAVEN.matcher(entry.getName()).matches()).toList();
      for (ZipEntry entry : entries) {
        Properties properties = new Properties();
        try (InputStream in = zip.getInputStream(entry)) {
          properties.load(in);
        }
        String artifact = properties.getProperty("artifactId", "");
        String version = properties.getProperty("version", "");
        if (file.equals(artifact + "-" + version + ".jar")) {
          return new MavenCoordinates(properties.getProperty("groupId", ""), artifact, version, "");
        }
      }
      return byName(isOurs(zip) ? OUR_GROUP : "", file);
    }
  }

  /** Whether a jar is of this project. */
  static boolean isOurs(Path jar) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      return isOurs(zip);
    }
  }

  /** By its Maven properties; the plugin API has none, and generated code other packages. */
  private static boolean isOurs(ZipFile zip) {
    return zip.stream()
        .map(ZipEntry::getName)
        .anyMatch(
            name ->
                name.startsWith("META-INF/maven/" + OUR_GROUP + "/")
                    || name.startsWith(OUR_CLASSES));
  }

  private static MavenCoordinates byName(String group, String file) {
    Matcher parts = FILE.matcher(file);
    return parts.matches()
        ? new MavenCoordinates(group, parts.group(1), parts.group(2), "")
        : new MavenCoordinates(group, file.replaceFirst("\\.jar$", ""), "", "");
  }
}
