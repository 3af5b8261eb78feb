package ai.llmd.epp.adapter.admin.server;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The server's end of a connection, which Java does not show: looked up in Linux' tables. */
final class AdminConnection {

  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;

  private AdminConnection() {}

  /** Whether this process writes to a connection without waiting for acknowledgements. */
  static boolean isUndelayed(int serverPort, int clientPort) throws Throwable {
    Linker linker = Linker.nativeLinker();
    @SuppressWarnings("restricted") // the C library's own signature
    MethodHandle getsockopt =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("getsockopt"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_INT);
      MemorySegment size = arena.allocateFrom(JAVA_INT, Integer.BYTES);
      int file = fileOf(inode(serverPort, clientPort));
      int failed = (int) getsockopt.invokeExact(file, IPPROTO_TCP, TCP_NODELAY, value, size);
      if (failed != 0) {
        throw new IOException("getsockopt failed for file " + file);
      }
      return value.get(JAVA_INT, 0) != 0;
    }
  }

  private static String inode(int localPort, int remotePort) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String table : List.of("tcp", "tcp6")) {
      lines.addAll(Files.readAllLines(Path.of("/proc/self/net", table)));
    }
    return lines.stream()
        .map(line -> line.strip().split("\\s+"))
        .filter(fields -> fields[1].endsWith(hex(localPort)) && fields[2].endsWith(hex(remotePort)))
        .map(fields -> fields[9])
        .findFirst()
        .orElseThrow(() -> new IOException("no such connection"));
  }

  private static String hex(int port) {
    return String.format(Locale.ROOT, ":%04X", port);
  }

  private static int fileOf(String inode) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files
          .filter(file -> target(file).equals("socket:[" + inode + "]"))
          .map(file -> Integer.parseInt(file.getFileName().toString()))
          .findFirst()
          .orElseThrow(() -> new IOException("no file of this process is socket " + inode));
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }
}
