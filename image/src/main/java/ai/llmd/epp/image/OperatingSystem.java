package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The few files of an operating system that a JVM needs: the C library and its loader, taken from
 * the machine that builds, and who users are and how names are looked up.
 *
 * @param folder for files that are made here
 */
record OperatingSystem(Path folder, JavaRuntime java, Application application) {

  private static final Pattern LIBRARY = Pattern.compile("^\\s*(?:\\S+ => )?(/\\S+) \\(0x");

  /** Loaded by name when a host name is looked up; part of the C library since 2.34. */
  private static final List<String> NAME_SERVICE =
      List.of("libresolv.so.2", "libnss_dns.so.2", "libnss_files.so.2");

  /** Of the C library, where Debian keeps it; the runtime brings its own. */
  private static final Path COPYRIGHT = Path.of("/usr/share/doc/libc6/copyright");

  private static final Map<String, String> FILES =
      Map.of(
          "/etc/passwd",
              "root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n",
          "/etc/group", "root:x:0:\nnonroot:x:65532:\n",
          "/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");

  /**
   * @param isBase whether there is nothing below that has a C library already
   */
  Layer layer(boolean isBase) throws IOException, InterruptedException {
    Layer layer = new Layer("shared libraries");
    for (Map.Entry<String, Path> library : application.nativeLibraries().entrySet()) {
      layer.with("/usr/lib/" + library.getKey(), library.getValue());
    }
    return isBase ? withCLibrary(layer) : layer;
  }

  private Layer withCLibrary(Layer layer) throws IOException, InterruptedException {
    for (Path library : sharedLibraries()) {
      layer.with(library.toString(), library);
    }
    if (Files.exists(COPYRIGHT)) {
      layer.with(COPYRIGHT.toString(), COPYRIGHT);
    }
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      Path made = folder.resolve(file.getKey().substring(1));
      Files.createDirectories(made.getParent());
      layer.with(file.getKey(), Files.writeString(made, file.getValue()));
    }
    return layer;
  }

  /** Where the loader finds them, which is where the image has them, too. */
  private List<Path> sharedLibraries() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ldd"));
    try (Stream<Path> files = Files.walk(java.home())) {
      files
          .filter(file -> file.toString().endsWith(".so") || file.endsWith("bin/java"))
          .forEach(file -> command.add(file.toString()));
    }
    application.nativeLibraries().values().forEach(file -> command.add(file.toString()));
    List<Path> needed =
        Command.run(command)
            .lines()
            .map(LIBRARY::matcher)
            .filter(Matcher::find)
            .map(match -> Path.of(match.group(1)))
            .filter(library -> !library.normalize().startsWith(java.home()))
            .distinct()
            .toList();
    Path libc =
        needed.stream()
            .filter(library -> library.endsWith("libc.so.6"))
            .findFirst()
            .orElseThrow(() -> new IOException("the JDK is not built for the GNU C library"));
    return Stream.concat(
            needed.stream(), NAME_SERVICE.stream().map(libc::resolveSibling).filter(Files::exists))
        .distinct()
        .toList();
  }
}
