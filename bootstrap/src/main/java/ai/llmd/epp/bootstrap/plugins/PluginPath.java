package ai.llmd.epp.bootstrap.plugins;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Finds the jars that a plugin path means. */
final class PluginPath {

  private PluginPath() {}

  /**
   * The jars in the order of the path, those of a folder by name; one that is meant twice, once.
   *
   * @param refuse receives entries that cannot be used, and why
   */
  static Collection<Path> jars(List<Path> entries, BiConsumer<Path, String> refuse) {
    Map<Path, Path> byRealPath = new LinkedHashMap<>();
    for (Path entry : entries) {
      try {
        for (Path jar : jars(entry, refuse)) {
          byRealPath.putIfAbsent(jar.toRealPath(), jar);
        }
      } catch (IOException | DirectoryIteratorException e) {
        refuse.accept(entry, "cannot be read: " + e.getMessage());
      }
    }
    return byRealPath.values();
  }

  private static List<Path> jars(Path entry, BiConsumer<Path, String> refuse) throws IOException {
    if (Files.isDirectory(entry)) {
      List<Path> jars = jarsIn(entry);
      if (jars.isEmpty()) {
        refuse.accept(entry, "is a folder without a jar");
      }
      return jars;
    }
    if (!Files.exists(entry)) {
      refuse.accept(entry, "does not exist");
      return List.of();
    }
    return List.of(entry);
  }

  private static List<Path> jarsIn(Path folder) throws IOException {
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
      files.forEach(jars::add);
    }
    Collections.sort(jars);
    return jars;
  }
}
