package ai.llmd.epp.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The program's jars, each with the time stamp it has in the image: the class-data archive names
 * jars by time and size.
 *
 * @param program that they are
 * @param folder where they stand while the image is made
 * @param hasClassData whether it was or will be run to record what it loads
 */
record Application(Program program, Path folder, boolean hasClassData) {

  /** Where the program stands in the image. */
  static final String PLACE = "/app";

  private static final String NATIVE = "META-INF/native/";

  /** Where the tokenizers' jar has its libraries, of all systems. */
  private static final Pattern TOKENIZERS =
      Pattern.compile("native/lib/linux-(x86_64|aarch64)/cpu/lib\\w+\\.so");

  /** At the end of the names of jars with native libraries for one kind of processor. */
  private static final Pattern CLASSIFIER =
      Pattern.compile("(?<=-linux-)(x86_64|aarch_64)(?=\\.jar$)");

  /**
   * Copies the distribution's jars, takes native libraries out of them, and writes the arguments.
   */
  static Application stage(Recipe recipe, Path folder) throws IOException {
    Folders.delete(folder); // an earlier build may have been for another kind of processor
    Files.createDirectories(folder.resolve("lib"));
    Files.createDirectories(folder.resolve("native"));
    Application application = new Application(recipe.program(), folder, recipe.isForThisMachine());
    for (Path jar : jars(recipe)) {
      Path copy = folder.resolve("lib").resolve(jar.getFileName());
      Files.copy(jar, copy, StandardCopyOption.REPLACE_EXISTING);
      Files.setLastModifiedTime(copy, FileTime.from(recipe.time()));
      application.takeNativeLibraries(copy, recipe.architecture());
    }
    Files.writeString(
        application.argumentsFile(),
        String.join("\n", application.arguments(PLACE, application.jarNames())) + "\n");
    application.writeExecutable();
    return application;
  }

  /** Those of the distribution, each with native libraries for the processor of the image, too. */
  private static List<Path> jars(Recipe recipe) throws IOException {
    List<Path> jars;
    try (Stream<Path> files = Files.list(recipe.distribution().resolve("lib"))) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
    Set<String> names = new TreeSet<>();
    jars.forEach(jar -> names.add(String.valueOf(jar.getFileName())));
    Set<String> missing = new TreeSet<>();
    for (String name : names) {
      missing.add(CLASSIFIER.matcher(name).replaceFirst(recipe.architecture().classifier()));
    }
    missing.removeAll(names);
    if (missing.isEmpty()) {
      return jars;
    }
    MavenRepository repository = MavenRepository.read(recipe.repository(), missing);
    List<Path> all = new ArrayList<>(jars);
    for (String name : missing) {
      all.add(repository.jar(name));
    }
    return all;
  }

  /** There is no shell: the kernel starts the Java runtime for it. */
  private void writeExecutable() throws IOException {
    Path file =
        Files.writeString(
            executableFile(), "#!" + JavaRuntime.PLACE + "/bin/java @" + argumentsPlace() + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Path executableFile() {
    return folder.resolve(program.name());
  }

  private Path argumentsFile() {
    return folder.resolve(program.name() + ".args");
  }

  private String argumentsPlace() {
    return PLACE + "/" + argumentsFile().getFileName();
  }

  /**
   * Netty and the tokenizers take a library that the system has before they unpack their own into a
   * temporary folder.
   */
  private void takeNativeLibraries(Path jar, Architecture architecture) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      List<? extends ZipEntry> libraries =
          zip.stream().filter(entry -> isNative(entry.getName(), architecture)).toList();
      for (ZipEntry library : libraries) {
        String name = library.getName();
        Path target = folder.resolve("native").resolve(name.substring(name.lastIndexOf('/') + 1));
        try (InputStream in = zip.getInputStream(library)) {
          Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  private static boolean isNative(String entry, Architecture architecture) {
    Matcher tokenizers = TOKENIZERS.matcher(entry);
    if (tokenizers.matches()) {
      return tokenizers.group(1).equals(architecture.classifier().replace("aarch_", "aarch"));
    }
    return entry.startsWith(NATIVE) && entry.endsWith(architecture.classifier() + ".so");
  }

  private List<String> jarNames() throws IOException {
    try (Stream<Path> jars = Files.list(folder.resolve("lib"))) {
      return jars.map(jar -> jar.getFileName().toString())
          .filter(name -> name.endsWith(".jar"))
          .sorted()
          .toList();
    }
  }

  private List<String> arguments(String place, List<String> jars) {
    String classPath =
        jars.stream().map(jar -> place + "/lib/" + jar).collect(Collectors.joining(":"));
    List<String> arguments = new ArrayList<>(List.of("-cp", classPath, program.mainClass()));
    if (hasClassData) {
      arguments.addFirst(
          "-XX:SharedArchiveFile=" + place + "/lib/" + classDataFile().getFileName());
    }
    return arguments;
  }

  /** How to start it on the machine that builds, so that it leaves class data at its end. */
  List<String> recordingArguments() throws IOException {
    List<String> recording = new ArrayList<>(arguments(folder.toString(), jarNames()));
    recording.set(0, "-XX:ArchiveClassesAtExit=" + classDataFile());
    recording.add(executableFile().toString());
    return recording;
  }

  Path classDataFile() {
    return folder.resolve("lib").resolve(program.name() + ".jsa");
  }

  /** Shared libraries out of the jars, by name. */
  Map<String, Path> nativeLibraries() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("native"))) {
      return files.collect(
          Collectors.toMap(
              file -> file.getFileName().toString(), file -> file, (a, b) -> b, TreeMap::new));
    }
  }

  /** What changes with a new version of a dependency. */
  Layer libraries() throws IOException {
    return jars("libraries", false);
  }

  /** What changes with every build. */
  Layer ownFiles() throws IOException {
    return jars("program", true)
        .with(program.executable(), executableFile())
        .with(argumentsPlace(), argumentsFile());
  }

  private Layer jars(String name, boolean areOurs) throws IOException {
    Layer layer = new Layer(name);
    for (Map.Entry<String, Path> jar : jars().entrySet()) {
      if (Jars.isOurs(jar.getValue()) == areOurs) {
        layer.with(jar.getKey(), jar.getValue());
      }
    }
    return layer;
  }

  /** All jars, by their paths in the image. */
  SortedMap<String, Path> jars() throws IOException {
    SortedMap<String, Path> jars = new TreeMap<>();
    for (String jar : jarNames()) {
      jars.put(PLACE + "/lib/" + jar, folder.resolve("lib").resolve(jar));
    }
    return jars;
  }

  /** What halves the time to start; differs from build to build. */
  Layer classData() {
    return new Layer("class data")
        .with(PLACE + "/lib/" + classDataFile().getFileName(), classDataFile());
  }
}
