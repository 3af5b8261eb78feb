package ai.llmd.epp.bootstrap;

import java.util.stream.Stream;

/**
 * The endpoint picker behind an executable file whose first line names the Java runtime. The kernel
 * passes the path of such a file before the arguments. Containers that have no shell start {@code
 * /app/epp} so, which is where operators expect the program.
 */
public final class EppFile {

  private EppFile() {}

  /**
   * Starts {@link Epp}.
   *
   * @param arguments the file's path, then those of the program
   */
  public static void main(String[] arguments) throws InterruptedException {
    Epp.main(Stream.of(arguments).skip(1).toArray(String[]::new));
  }
}
