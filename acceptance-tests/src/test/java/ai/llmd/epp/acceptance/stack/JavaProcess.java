package ai.llmd.epp.acceptance.stack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A class of the tests that runs as a program of its own: what it needs of memory, collections and
 * compilers is not the test's. It gets the processor time that nothing else wants.
 */
public final class JavaProcess implements AutoCloseable {

  private final ChildProcess process;

  private JavaProcess(ChildProcess process) {
    this.process = process;
  }

  /**
   * Returns at once.
   *
   * @param folder of its log
   */
  public static JavaProcess start(Path folder, Class<?> program, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("nice", "-n", "19"));
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", classPath(), program.getName()));
    command.addAll(arguments);
    return new JavaProcess(ChildProcess.start(program.getSimpleName(), folder, command));
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** Fails when it has ended, with the end of its log. */
  public void assertRuns() {
    process.assertRuns();
  }

  @Override
  public void close() {
    process.close();
  }
}
