package ai.llmd.epp.image;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A Java runtime with no more than the program needs, and with its flags as defaults. */
record JavaRuntime(Path home) {

  /** Where it stands in the image. */
  static final String PLACE = "/opt/java";

  /** SPDX's name for the licence of OpenJDK, one that CycloneDX takes as an id. */
  private static final String FREE = "GPL-2.0-with-classpath-exception";

  /** What the program and its libraries name. */
  private static final List<String> MODULES =
      List.of(
          "java.instrument",
          "java.logging",
          "java.management",
          "java.naming",
          "java.net.http",
          "java.security.jgss",
          "java.security.sasl",
          "java.sql",
          "java.transaction.xa",
          "java.xml",
          "jdk.charsets",
          "jdk.crypto.ec",
          "jdk.jfr",
          "jdk.management",
          "jdk.management.jfr",
          "jdk.naming.dns", // Hazelcast finds members by it
          "jdk.net",
          "jdk.unsupported",
          "jdk.zipfs");

  /**
   * Links the runtime of a JDK. That for another kind of processor is linked from its {@code
   * jmods}, and cannot be started to prepare the classes of the JDK.
   */
  static JavaRuntime link(Path home, Recipe recipe) throws IOException, InterruptedException {
    Folders.delete(home);
    JavaRuntime runtime = new JavaRuntime(home);
    // built in, so that JAVA_TOOL_OPTIONS of a container wins over them
    String flags = "--add-options=" + String.join(" ", recipe.jvmFlags());
    if (recipe.isForThisMachine()) {
      link(recipe.jdk(), List.of("--strip-debug", flags, "--output=" + home));
      Command.run(List.of(runtime.java(), "-Xshare:dump")); // for these flags
    } else {
      link(
          Path.of(System.getProperty("java.home")),
          List.of(
              "--module-path=" + modules(recipe.jdk()),
              "--exclude-files=**.debuginfo",
              "--strip-java-debug-attributes", // the others need a tool of that processor
              flags,
              "--output=" + home));
    }
    runtime.dropOtherPrograms();
    return runtime;
  }

  private static void link(Path jdk, List<String> more) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                jdk.resolve("bin/jlink").toString(),
                "--add-modules=" + String.join(",", MODULES),
                "--no-man-pages",
                "--no-header-files"));
    command.addAll(more);
    Command.run(command);
  }

  /** Of a JDK, or the folder itself: some vendors ship it by itself. */
  private static Path modules(Path jdk) throws IOException {
    for (Path folder : List.of(jdk.resolve("jmods"), jdk)) {
      if (Files.exists(folder.resolve("java.base.jmod"))) {
        return folder;
      }
    }
    throw new IOException("there is no java.base.jmod in " + jdk + " nor in its folder jmods");
  }

  private void dropOtherPrograms() throws IOException {
    try (Stream<Path> programs = Files.list(home.resolve("bin"))) {
      for (Path program : programs.filter(file -> !file.endsWith("java")).toList()) {
        Files.delete(program);
      }
    }
  }

  /** The program, on the machine that builds. */
  String java() {
    return home.resolve("bin/java").toString();
  }

  /** What it is made of, as its own {@code release} file and its legal notices tell. */
  Component component() throws IOException {
    Properties release = new Properties();
    try (Reader in = Files.newBufferedReader(home.resolve("release"))) {
      release.load(in);
    }
    String version = release.getProperty("JAVA_VERSION", "").replace("\"", "");
    return new Component(
        "platform",
        "",
        "openjdk",
        version,
        PackageUrl.of("generic", "", "openjdk", version, new TreeMap<>()),
        "cpe:2.3:a:oracle:openjdk:" + version + ":*:*:*:*:*:*:*",
        isFree() ? List.of(License.of(FREE, "https://openjdk.org/legal/gplv2+ce.html")) : List.of(),
        "",
        List.of(PLACE + "/lib/modules"));
  }

  /** Builds that are not bring another licence. */
  private boolean isFree() throws IOException {
    Path notice = home.resolve("legal/java.base/LICENSE");
    return Files.exists(notice) && Files.readString(notice).contains("CLASSPATH\" EXCEPTION");
  }

  Layer layer() throws IOException {
    return new Layer("java runtime").withTree(PLACE, home);
  }
}
