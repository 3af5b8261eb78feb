package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a Java runtime and native libraries need of an operating system: by the loader of this
 * machine for its own processor, elsewhere by what the files themselves tell.
 *
 * @param root of the machine that has the libraries
 * @param java whose own libraries are not looked for
 */
record SharedLibraries(Path root, Architecture architecture, JavaRuntime java) {

  private static final Pattern LOADED = Pattern.compile("^\\s*(?:\\S+ => )?(/\\S+) \\(0x");
  private static final String C_LIBRARY = "libc.so.6";

  /** Loaded by name when a host name is looked up; part of the C library since 2.34. */
  private static final List<String> NAME_SERVICE =
      List.of("libresolv.so.2", "libnss_dns.so.2", "libnss_files.so.2");

  /**
   * Their paths below the root, absolute, which are those in the image, too.
   *
   * @param natives libraries besides those of the runtime
   * @throws IOException that names what is missing
   */
  Set<String> neededBy(Iterable<Path> natives) throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> below = Files.walk(java.home())) {
      below
          .filter(file -> file.toString().endsWith(".so") || file.endsWith("bin/java"))
          .sorted()
          .forEach(files::add);
    }
    natives.forEach(files::add);
    boolean isLoadedHere =
        architecture == Architecture.ofThisMachine() && root.equals(root.getRoot());
    Set<String> needed = isLoadedHere ? byLoader(files) : byHeaders(files);
    String library =
        needed.stream()
            .filter(path -> path.endsWith("/" + C_LIBRARY))
            .findFirst()
            .orElseThrow(() -> new IOException("the JDK is not built for the GNU C library"));
    String folder = library.substring(0, library.length() - C_LIBRARY.length());
    NAME_SERVICE.stream()
        .map(name -> folder + name)
        .filter(path -> Files.exists(here(path)))
        .forEach(needed::add);
    return needed;
  }

  private Path here(String path) {
    return root.resolve(path.substring(1));
  }

  private Set<String> byLoader(List<Path> files) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ldd"));
    files.forEach(file -> command.add(file.toString()));
    Set<String> needed = new LinkedHashSet<>();
    Command.run(command)
        .lines()
        .map(LOADED::matcher)
        .filter(Matcher::find)
        .map(match -> match.group(1))
        .filter(library -> !Path.of(library).normalize().startsWith(java.home()))
        .forEach(needed::add);
    return needed;
  }

  private Set<String> byHeaders(List<Path> files) throws IOException {
    Set<String> own = new HashSet<>();
    Deque<Path> unread = new ArrayDeque<>(files);
    files.forEach(file -> own.add(String.valueOf(file.getFileName())));
    Set<String> needed = new LinkedHashSet<>();
    while (!unread.isEmpty()) {
      Path file = unread.remove();
      ElfFile elf =
          ElfFile.read(Files.readAllBytes(file))
              .filter(one -> one.machine() == architecture.machine())
              .orElseThrow(() -> new IOException(file + " is not for " + architecture.image()));
      List<String> found = new ArrayList<>();
      if (!elf.loader().isEmpty()) {
        found.add(existing(elf.loader()));
      }
      for (String library : elf.needed()) {
        if (!own.contains(library) && !isLoader(library, needed)) {
          found.add(find(library));
        }
      }
      found.stream().filter(needed::add).forEach(path -> unread.add(here(path)));
    }
    return needed;
  }

  private static boolean isLoader(String library, Set<String> needed) {
    return needed.stream().anyMatch(path -> path.endsWith("/" + library));
  }

  private String existing(String path) throws IOException {
    if (!Files.exists(here(path))) {
      throw new IOException("there is no " + path + " below " + root);
    }
    return path;
  }

  /** In the folders where a loader looks without being told. */
  private String find(String library) throws IOException {
    List<String> folders =
        List.of(
            "/lib/" + architecture.folder(),
            "/usr/lib/" + architecture.folder(),
            "/lib64",
            "/usr/lib64",
            "/lib",
            "/usr/lib");
    for (String folder : folders) {
      Path file = here(folder + "/" + library);
      if (Files.exists(file)) {
        Optional<ElfFile> elf = ElfFile.read(Files.readAllBytes(file));
        if (elf.isPresent() && elf.get().machine() == architecture.machine()) {
          return folder + "/" + library;
        }
      }
    }
    throw new IOException(
        "there is no " + library + " for " + architecture.image() + " below " + root);
  }
}
