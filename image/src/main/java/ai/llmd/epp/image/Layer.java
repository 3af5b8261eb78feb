package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Files of the image that change together.
 *
 * @param name for the image's history
 * @param files from absolute path in the image to what stands there; links are followed
 */
record Layer(String name, SortedMap<String, Path> files) {

  Layer(String name) {
    this(name, new TreeMap<>());
  }

  Layer with(String path, Path file) {
    files.put(path, file);
    return this;
  }

  /** Adds everything below a folder. */
  Layer withTree(String path, Path folder) throws IOException {
    try (Stream<Path> below = Files.walk(folder)) {
      below
          .filter(Files::isRegularFile)
          .forEach(file -> files.put(path + "/" + folder.relativize(file), file));
    }
    return this;
  }
}
