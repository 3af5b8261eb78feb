package ai.llmd.epp.bootstrap.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Collectors;

/** The file in which the picker finds its endpoints; always replaced as a whole. */
record EndpointsFile(Path path) {

  /** Lists exactly these ports of this machine. */
  void list(List<Integer> ports) {
    String entries = ports.stream().map(EndpointsFile::entry).collect(Collectors.joining(",\n"));
    try {
      Path fresh = path.resolveSibling(path.getFileName() + ".new");
      Files.writeString(fresh, "{\"endpoints\": [\n" + entries + "\n]}\n"); // JSON is YAML too
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String entry(int port) {
    return "{\"name\": \"model-%1$d\", \"address\": \"127.0.0.1\", \"port\": \"%1$d\"}"
        .formatted(port);
  }
}
