package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the image is made of.
 *
 * @param program that it starts
 * @param distribution with {@code bin} and {@code lib}
 * @param work folder for what is made on the way
 * @param base image to build upon; {@link #NO_BASE} for none
 * @param name with a tag
 * @param commit for a label
 * @param time of every file and of the image, so that two builds come to the same
 * @param architecture that it is for
 * @param jdk whose Java runtime goes into it
 * @param root of the machine whose C library goes into it
 * @param repository Maven's on this machine, which tells where jars came from
 */
record Recipe(
    Program program,
    Path distribution,
    Path work,
    String base,
    String name,
    String commit,
    Instant time,
    Architecture architecture,
    Path jdk,
    Path root,
    Path repository) {

  /** An image that stands on nothing and brings a runtime of its own. */
  static final String NO_BASE = "scratch";

  /**
   * Reads {@code name=value} pairs, as the build passes them. Architecture, JDK and root are those
   * of this machine unless given.
   *
   * @throws IllegalArgumentException when one is missing
   */
  static Recipe of(Map<String, String> options) {
    String named = options.getOrDefault("architecture", "");
    Architecture architecture =
        named.isEmpty() ? Architecture.ofThisMachine() : Architecture.named(named);
    String jdk = options.getOrDefault("jdk", "");
    String root = options.getOrDefault("root", "");
    if (jdk.isEmpty() && architecture != Architecture.ofThisMachine()) {
      throw new IllegalArgumentException(
          "no jdk is given: a Java runtime for "
              + architecture.image()
              + " is linked from the jmods of a JDK for it");
    }
    return new Recipe(
        Program.named(option(options, "program")),
        Path.of(option(options, "distribution")),
        Path.of(option(options, "work")),
        option(options, "base"),
        option(options, "name"),
        option(options, "commit"),
        Instant.parse(option(options, "time")),
        architecture,
        Path.of(jdk.isEmpty() ? System.getProperty("java.home") : jdk),
        Path.of(root.isEmpty() ? "/" : root).toAbsolutePath(),
        Path.of(option(options, "repository")));
  }

  private static String option(Map<String, String> options, String name) {
    String value = options.getOrDefault(name, "");
    if (value.isEmpty()) {
      throw new IllegalArgumentException("no " + name + " is given");
    }
    return value;
  }

  /** The flags of {@code bin/epp}, without its comments. */
  List<String> jvmFlags() throws IOException {
    try (Stream<String> lines = Files.lines(distribution.resolve("bin/jvm.args"))) {
      return lines
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    }
  }

  /** Whether what is made can be started on this machine. */
  boolean isForThisMachine() {
    return architecture == Architecture.ofThisMachine();
  }

  boolean standsAlone() {
    return base.equals(NO_BASE);
  }

  String version() {
    return name.substring(name.lastIndexOf(':') + 1);
  }
}
