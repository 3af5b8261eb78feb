package ai.llmd.epp.acceptance.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Values for one of the charts, and the text that they were rendered to. */
record ValueSet(String chart, String name) {

  private static final String VALUES = ".values.yaml";
  private static final Path FOLDER =
      Manifests.DEPLOY.resolveSibling("acceptance-tests/src/test/resources/helm");

  static List<ValueSet> all() {
    try (Stream<Path> files = Files.walk(FOLDER, 2)) {
      return files
          .filter(file -> file.toString().endsWith(VALUES))
          .sorted()
          .map(ValueSet::of)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ValueSet of(Path file) {
    Path within = FOLDER.relativize(file);
    String name = within.getFileName().toString();
    return new ValueSet(
        within.getName(0).toString(), name.substring(0, name.length() - VALUES.length()));
  }

  Path values() {
    return FOLDER.resolve(chart).resolve(name + VALUES);
  }

  Path rendered() {
    return FOLDER.resolve(chart).resolve(name + ".rendered.yaml");
  }

  /** The objects of the recorded text. */
  Manifests manifests() {
    return new Manifests(toString(), Manifests.read(rendered()));
  }

  @Override
  public String toString() {
    return chart + "/" + name;
  }
}
