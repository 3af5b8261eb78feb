package ai.llmd.epp.sidecar;

import java.util.stream.Stream;

/**
 * The sidecar behind an executable file whose first line names the Java runtime. The kernel passes
 * the path of such a file before the arguments. Containers that have no shell start {@code
 * /app/pd-sidecar} so, which is where operators expect the program.
 */
public final class SidecarFile {

  private SidecarFile() {}

  /**
   * Starts {@link Sidecar}.
   *
   * @param arguments the file's path, then those of the program
   */
  public static void main(String[] arguments) throws InterruptedException {
    Sidecar.main(Stream.of(arguments).skip(1).toArray(String[]::new));
  }
}
