package ai.llmd.epp.sidecar;

import ai.llmd.epp.sidecar.cli.Arguments;
import ai.llmd.epp.sidecar.server.SidecarServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** Starts a sidecar within a test, as its command line would. */
public final class RunningSidecar {

  private static final int ATTEMPTS = 5; // a free port may be taken by another before it is opened

  private RunningSidecar() {}

  /** On a free port, with these flags. */
  public static SidecarServer with(String... flags) {
    return with(
        Map.of(),
        port -> {
          List<String> all = new ArrayList<>(List.of("--port=" + port, "--secure-proxy=false"));
          all.addAll(List.of(flags));
          return all.toArray(String[]::new);
        });
  }

  /**
   * On a free port.
   *
   * @param arguments of a command line that says so
   */
  public static SidecarServer with(
      Map<String, String> environment, IntFunction<String[]> arguments) {
    IOException last = new IOException("never tried");
    for (int i = 0; i < ATTEMPTS; i++) {
      try {
        return start(arguments.apply(freePort()), environment);
      } catch (IOException e) {
        last = e;
      }
    }
    throw new UncheckedIOException(last);
  }

  private static SidecarServer start(String[] arguments, Map<String, String> environment)
      throws IOException {
    return SidecarServer.start(Arguments.read(environment, arguments));
  }

  /** A port at which nothing listens. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
