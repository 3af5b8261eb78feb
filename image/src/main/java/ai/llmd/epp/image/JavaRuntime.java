package ai.llmd.epp.image;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
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
          "jdk.httpserver",
          "jdk.jfr",
          "jdk.management",
          "jdk.management.jfr",
          "jdk.naming.dns", // Hazelcast finds members by it
          "jdk.net",
          "jdk.unsupported",
          "jdk.zipfs");

  /**
   * Links the runtime of the JDK that runs this.
   *
   * @param flags built in, so that {@code JAVA_TOOL_OPTIONS} of a container wins over them
   */
  static JavaRuntime link(Path home, List<String> flags) throws IOException, InterruptedException {
    deleteTree(home);
    Path jdk = Path.of(System.getProperty("java.home"));
    Command.run(
        List.of(
            jdk.resolve("bin/jlink").toString(),
            "--add-modules=" + String.join(",", MODULES),
            "--strip-debug",
            "--no-man-pages",
            "--no-header-files",
            "--add-options=" + String.join(" ", flags),
            "--output=" + home));
    JavaRuntime runtime = new JavaRuntime(home);
    Command.run(List.of(runtime.java(), "-Xshare:dump")); // the classes of the JDK, for these flags
    runtime.dropOtherPrograms();
    return runtime;
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

  private static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> below = Files.walk(folder)) {
      for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
