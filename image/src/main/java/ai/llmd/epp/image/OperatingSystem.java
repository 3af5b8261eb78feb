package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The few files of an operating system that a JVM needs: the C library and its loader, taken from
 * the machine that builds or from the files of another, and who users are and how names are looked
 * up; with them the database entries of the packages that they came with, where scanners look for
 * them.
 *
 * @param root of the machine whose files are taken
 * @param folder for files that are made here
 */
record OperatingSystem(
    Path root, Architecture architecture, Path folder, JavaRuntime java, Application application) {

  /** A package entry each, as distroless images have them. */
  static final String ENTRIES = "/var/lib/dpkg/status.d/";

  /** What tells scanners whose packages these are; not every system has each. */
  private static final List<String> RELEASE =
      List.of("/etc/os-release", "/etc/debian_version", "/etc/lsb-release");

  private static final Map<String, String> FILES =
      Map.of(
          "/etc/passwd",
              "root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n",
          "/etc/group", "root:x:0:\nnonroot:x:65532:\n",
          "/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");

  /**
   * What is copied, and made of it.
   *
   * @param isBase whether there is nothing below that has a C library already
   */
  CopiedFiles copy(boolean isBase) throws IOException, InterruptedException {
    Layer layer = new Layer("shared libraries");
    for (Map.Entry<String, Path> library : application.nativeLibraries().entrySet()) {
      layer.with("/usr/lib/" + library.getKey(), library.getValue());
    }
    return isBase
        ? withCLibrary(layer)
        : new CopiedFiles(layer, SystemRelease.read(root), List.of(), List.of());
  }

  private CopiedFiles withCLibrary(Layer layer) throws IOException, InterruptedException {
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      layer.with(file.getKey(), made(file.getKey(), file.getValue()));
    }
    PackageDatabase database = PackageDatabase.read(root);
    SortedMap<String, PackageEntry> packages = new TreeMap<>();
    List<String> strays = new ArrayList<>();
    for (String path : taken()) {
      layer.with(path, here(path));
      Optional<DebianPackage> owner = database.owner(List.of(path, target(path)));
      if (owner.isPresent()) {
        packages
            .computeIfAbsent(owner.get().name(), name -> new PackageEntry(owner.get()))
            .with(path, here(path));
      } else {
        strays.add(path);
      }
    }
    for (PackageEntry entry : packages.values()) {
      addEntry(layer, entry);
    }
    return new CopiedFiles(layer, SystemRelease.read(root), List.copyOf(packages.values()), strays);
  }

  private void addEntry(Layer layer, PackageEntry entry) throws IOException {
    String copyright = "/usr/share/doc/" + entry.about().name() + "/copyright";
    if (Files.exists(here(copyright))) {
      layer.with(copyright, here(copyright));
      entry.with(copyright, here(copyright));
    }
    String place = ENTRIES + entry.about().name();
    layer.with(place, made(place, entry.about().paragraph()));
    layer.with(place + ".md5sums", made(place + ".md5sums", entry.sums()));
  }

  /** Paths in the image, which are those on the machine, too. */
  private List<String> taken() throws IOException, InterruptedException {
    Set<String> libraries =
        new SharedLibraries(root, architecture, java)
            .neededBy(application.nativeLibraries().values());
    return Stream.concat(
            libraries.stream(), RELEASE.stream().filter(path -> Files.exists(here(path))))
        .toList();
  }

  private Path here(String path) {
    return root.resolve(path.substring(1));
  }

  /** What a path leads to once all links are followed, as the machine itself sees it. */
  private String target(String path) throws IOException {
    return "/" + root.toRealPath().relativize(here(path).toRealPath());
  }

  private Path made(String path, String bytes) throws IOException {
    Path made = folder.resolve(path.substring(1));
    Files.createDirectories(made.getParent());
    return Files.writeString(made, bytes, StandardCharsets.ISO_8859_1);
  }
}
