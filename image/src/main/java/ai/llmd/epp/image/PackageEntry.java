package ai.llmd.epp.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A package of which some files are in the image.
 *
 * @param about what the machine's database has of it
 * @param files from path in the image to what stands there
 */
record PackageEntry(DebianPackage about, SortedMap<String, Path> files) {

  PackageEntry(DebianPackage about) {
    this(about, new TreeMap<>());
  }

  void with(String path, Path file) {
    files.put(path, file);
  }

  /** The files that are there, and no others, as {@code md5sum} lists them. */
  String sums() throws IOException {
    StringBuilder sums = new StringBuilder();
    for (Map.Entry<String, Path> file : files.entrySet()) {
      sums.append(Digests.md5(Files.readAllBytes(file.getValue())))
          .append("  ")
          .append(file.getKey().substring(1))
          .append('\n');
    }
    return sums.toString();
  }
}
