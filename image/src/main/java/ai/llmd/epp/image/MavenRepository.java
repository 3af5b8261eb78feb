package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * The build's own copy of what it downloaded, which tells where a jar came from and what its
 * authors say of it.
 */
final class MavenRepository {

  private static final String JAR = ".jar";
  private static final int MAX_PARENTS = 20;

  private final Path folder;
  private final Map<String, List<Path>> jars = new HashMap<>(); // by file name

  private MavenRepository(Path folder) {
    this.folder = folder;
  }

  /**
   * Looks for jars of some names.
   *
   * @param folder in Maven's layout; may be missing
   */
  static MavenRepository read(Path folder, Set<String> names) throws IOException {
    MavenRepository repository = new MavenRepository(folder);
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        repository.jars.putAll(
            files
                .filter(file -> names.contains(String.valueOf(file.getFileName())))
                .sorted()
                .collect(Collectors.groupingBy(file -> String.valueOf(file.getFileName()))));
      }
    }
    return repository;
  }

  /** Where a jar came from: the same bytes lie there under the same name. */
  Optional<MavenCoordinates> origin(Path jar) throws IOException {
    for (Path file : jars.getOrDefault(String.valueOf(jar.getFileName()), List.of())) {
      Optional<MavenCoordinates> origin = coordinates(folder.relativize(file));
      if (origin.isPresent() && Files.mismatch(file, jar) < 0) {
        return origin;
      }
    }
    return Optional.empty();
  }

  /**
   * One of the jars that were looked for.
   *
   * @throws IOException when it was never downloaded
   */
  Path jar(String name) throws IOException {
    List<Path> found = jars.getOrDefault(name, List.of());
    if (found.isEmpty()) {
      throw new IOException("there is no " + name + " in " + folder);
    }
    return found.getFirst();
  }

  /** Of {@code org/example/name/1.0/name-1.0-classifier.jar}. */
  private static Optional<MavenCoordinates> coordinates(Path path) {
    int names = path.getNameCount();
    if (names < 4) {
      return Optional.empty();
    }
    String artifact = path.getName(names - 3).toString();
    String version = path.getName(names - 2).toString();
    String group =
        IntStream.range(0, names - 3)
            .mapToObj(at -> path.getName(at).toString())
            .collect(Collectors.joining("."));
    String file = path.getName(names - 1).toString();
    String start = artifact + "-" + version;
    if (!file.startsWith(start)) {
      return Optional.empty();
    }
    String rest = file.substring(start.length(), file.length() - JAR.length());
    return rest.isEmpty() || rest.startsWith("-")
        ? Optional.of(
            new MavenCoordinates(
                group, artifact, version, rest.isEmpty() ? rest : rest.substring(1)))
        : Optional.empty();
  }

  /** Those of its project file, or of the nearest parent's that has some; empty when unknown. */
  List<License> licenses(MavenCoordinates of) throws IOException {
    Optional<MavenCoordinates> next = Optional.of(of);
    for (int parents = 0; parents < MAX_PARENTS && next.isPresent(); parents++) {
      Optional<Element> project = project(next.get());
      List<License> licenses = project.map(MavenRepository::licenses).orElse(List.of());
      if (!licenses.isEmpty()) {
        return licenses;
      }
      next = project.flatMap(MavenRepository::parent);
    }
    return List.of();
  }

  private Optional<Element> project(MavenCoordinates of) throws IOException {
    Path file =
        folder
            .resolve(of.group().replace('.', '/'))
            .resolve(of.artifact())
            .resolve(of.version())
            .resolve(of.artifact() + "-" + of.version() + ".pom");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      return Optional.of(factory.newDocumentBuilder().parse(file.toFile()).getDocumentElement());
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static List<License> licenses(Element project) {
    List<License> licenses = new ArrayList<>();
    for (Element list : children(project, "licenses")) {
      for (Element license : children(list, "license")) {
        licenses.add(License.of(text(license, "name"), text(license, "url")));
      }
    }
    return licenses.stream().filter(license -> !license.name().isEmpty()).toList();
  }

  private static Optional<MavenCoordinates> parent(Element project) {
    return children(project, "parent").stream()
        .findFirst()
        .map(
            parent ->
                new MavenCoordinates(
                    text(parent, "groupId"),
                    text(parent, "artifactId"),
                    text(parent, "version"),
                    ""));
  }

  private static String text(Element parent, String name) {
    return children(parent, name).stream()
        .findFirst()
        .map(child -> child.getTextContent().strip().replaceAll("\\s+", " "))
        .orElse("");
  }

  private static List<Element> children(Element parent, String name) {
    List<Element> found = new ArrayList<>();
    NodeList nodes = parent.getChildNodes();
    for (int at = 0; at < nodes.getLength(); at++) {
      Node node = nodes.item(at);
      if (node instanceof Element element && element.getTagName().equals(name)) {
        found.add(element);
      }
    }
    return found;
  }
}
