package ai.llmd.epp.bootstrap.plugins;

import ai.llmd.epp.domain.catalogue.PluginApi;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles sources and packs them, as a plugin's author would, and then less carefully. */
public final class JarMaker {

  private static final String SERVICE = "META-INF/services/" + PluginCatalogue.class.getName();

  private final Path folder;
  private final Map<String, String> sources = new LinkedHashMap<>();
  private final List<String> leftOut = new ArrayList<>();
  private final Map<String, String> manifest = new LinkedHashMap<>();
  private String catalogues = "";
  private UnaryOperator<byte[]> onEachClass = bytes -> bytes;

  /**
   * @param folder where the jar goes
   */
  public JarMaker(Path folder) {
    this.folder = folder;
    manifest.put(PluginApi.MANIFEST_ENTRY, Integer.toString(PluginApi.VERSION));
  }

  /** A good jar: package {@code author} with a catalogue of this one scorer. */
  public static JarMaker withScorer(Path folder, String type) {
    return new JarMaker(folder).scorer("author", type, "return Scores.all(cycle, 1);");
  }

  /** Adds a catalogue, to a package of its own, of one scorer with this body of its method. */
  public JarMaker scorer(String packageName, String type, String body) {
    return catalogue(
        packageName,
        "return List.of(PluginType.of(\"%s\", TheScorer::new));".formatted(type),
        """
        static final class TheScorer implements Scorer {
          @Override public Scores score(SchedulingCycle cycle) { %s }
        }
        """
            .formatted(body));
  }

  /** Adds a catalogue, to a package of its own, with this body of its method and these members. */
  public JarMaker catalogue(String packageName, String body, String members) {
    String className = packageName + ".Catalogue";
    catalogues += className + "\n";
    return source(
        className,
        """
        package %s;
        import ai.llmd.epp.domain.catalogue.*;
        import ai.llmd.epp.domain.scheduling.*;
        import java.util.List;
        public final class Catalogue implements PluginCatalogue {
          @Override public List<PluginType<?>> types() { %s }
          %s
        }
        """
            .formatted(packageName, body, members));
  }

  /** Adds a class; later sources see it. */
  public JarMaker source(String className, String text) {
    sources.put(className, text);
    return this;
  }

  /** The author has this class, and forgets to pack it. */
  public JarMaker leavingOut(String className) {
    leftOut.add(className.replace('.', '/') + ".class");
    return this;
  }

  /** Writes these names into the service file, instead of the catalogues. */
  public JarMaker naming(String classNames) {
    catalogues = classNames;
    return this;
  }

  /** Sets the version of the API; empty for none. */
  public JarMaker api(String version) {
    manifest.put(PluginApi.MANIFEST_ENTRY, version);
    return this;
  }

  /** Names jars beside this one as part of it. */
  public JarMaker classPath(String jars) {
    manifest.put("Class-Path", jars);
    return this;
  }

  /** Sets which Java a class is for. */
  public JarMaker forClassFiles(int majorVersion) {
    onEachClass =
        bytes -> {
          bytes[7] = (byte) majorVersion;
          return bytes;
        };
    return this;
  }

  public Path write(String name) {
    try {
      Path jar = folder.resolve(name);
      Path classes = Files.createTempDirectory(folder, "classes");
      compile(sources, classes);
      try (OutputStream file = Files.newOutputStream(jar);
          JarOutputStream out = new JarOutputStream(file, manifest())) {
        if (!catalogues.isEmpty()) {
          put(out, SERVICE, catalogues.getBytes(StandardCharsets.UTF_8));
        }
        putAll(out, classes);
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Manifest manifest() {
    Manifest all = new Manifest();
    all.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.forEach(
        (name, value) -> {
          if (!value.isEmpty()) {
            all.getMainAttributes().putValue(name, value);
          }
        });
    return all;
  }

  private void putAll(JarOutputStream out, Path classes) throws IOException {
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String name = classes.relativize(file).toString();
        if (!leftOut.contains(name)) {
          put(out, name, onEachClass.apply(Files.readAllBytes(file)));
        }
      }
    }
  }

  private static void put(JarOutputStream out, String name, byte[] bytes) throws IOException {
    out.putNextEntry(new JarEntry(name));
    out.write(bytes);
    out.closeEntry();
  }

  /**
   * Compiles classes against the class path of the tests.
   *
   * @param sources by class name
   */
  public static void compile(Map<String, String> sources, Path target) throws IOException {
    Path root = Files.createTempDirectory(target.toAbsolutePath().getParent(), "sources");
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, String> source : sources.entrySet()) {
      Path file = root.resolve(source.getKey().replace('.', '/') + ".java");
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      files.add(Files.writeString(file, source.getValue()));
    }
    if (files.isEmpty()) {
      return;
    }
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    StringWriter errors = new StringWriter();
    try (StandardJavaFileManager manager = javac.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of("-proc:none", "-nowarn", "-cp", classPath(), "-d", target.toString());
      boolean isGood =
          javac
              .getTask(
                  errors, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
              .call();
      if (!isGood) {
        throw new AssertionError(errors.toString());
      }
    }
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
