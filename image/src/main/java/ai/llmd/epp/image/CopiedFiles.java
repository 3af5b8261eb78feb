package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What the image has of an operating system.
 *
 * @param layer all of it
 * @param release whose packages they are
 * @param packages that files of it came with, sorted by name
 * @param strays paths of copied files that no package is known for
 */
record CopiedFiles(
    Layer layer, SystemRelease release, List<PackageEntry> packages, List<String> strays) {

  /** The packages, then what belongs to none. */
  List<Component> components() throws IOException {
    List<Component> components = new ArrayList<>();
    for (PackageEntry entry : packages) {
      components.add(component(entry));
    }
    for (String stray : strays) {
      components.add(file(stray));
    }
    return components;
  }

  private Component component(PackageEntry entry) {
    DebianPackage about = entry.about();
    return new Component(
        "library",
        "",
        about.name(),
        about.version(),
        about.url(release.id(), release.version()),
        "",
        List.of(),
        "",
        List.copyOf(entry.files().keySet()));
  }

  private Component file(String path) throws IOException {
    Path file = Objects.requireNonNull(layer.files().get(path), path);
    return new Component(
        "file",
        "",
        String.valueOf(file.getFileName()),
        "",
        "",
        "",
        List.of(),
        Digests.sha256(Files.readAllBytes(file)),
        List.of(path));
  }
}
