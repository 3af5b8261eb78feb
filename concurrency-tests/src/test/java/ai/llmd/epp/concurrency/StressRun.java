package ai.llmd.epp.concurrency;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Runs stress tests (jcstress) in processes of their own: both actors of a test at once, millions
 * of times, with the results counted. What is seen is what this processor and this JIT do with the
 * order of memory accesses, which a model checker does not show.
 *
 * @param failed names of the tests in which a forbidden result was seen, or that did not run
 * @param passed number of tests without
 * @param output what the run printed
 */
record StressRun(Set<String> failed, int passed, String output) {

  private static final String PROCESSOR =
      "org.openjdk.jcstress.infra.processors.JCStressTestProcessor";

  /** One variant of each test, a fraction of a second long. */
  private static final List<String> SHORT =
      List.of("-f", "1", "-fsm", "0", "-sc", "false", "-iters", "1", "-time", "200");

  /** Every combination of compilers and of orders that the JIT can be made to take. */
  private static final List<String> LONG = List.of("-f", "1", "-fsm", "1", "-iters", "5");

  private static final Pattern FAILED = Pattern.compile("\\[(?:FAILED|ERROR)] (\\S+)");
  private static final Pattern PASSED = Pattern.compile("planned; (\\d+) passed");

  /**
   * Runs the stress tests of some sources.
   *
   * @param folder empty; receives the generated code and the results
   * @param sources of the tests
   */
  static StressRun of(Path folder, List<Path> sources) throws IOException, InterruptedException {
    Path classes = Files.createDirectory(folder.resolve("classes"));
    String classPath = System.getProperty("java.class.path");
    compile(sources, classes, classPath);
    boolean isLong = "long".equals(System.getProperty("concurrency"));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classes + File.pathSeparator + classPath,
                "org.openjdk.jcstress.Main",
                "-r",
                folder.toString(),
                "-jvmArgs",
                "-XX:+UseCompactObjectHeaders"));
    command.addAll(isLong ? LONG : SHORT);
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    return counted(Files.readString(output));
  }

  private static StressRun counted(String output) {
    Set<String> failed = new TreeSet<>();
    Matcher failures = FAILED.matcher(output);
    while (failures.find()) {
      failed.add(failures.group(1));
    }
    int passed = 0;
    Matcher results = PASSED.matcher(output);
    while (results.find()) { // the last line has the total
      passed = Integer.parseInt(results.group(1));
    }
    return new StressRun(failed, passed, output);
  }

  /** With the code that runs the actors, which an annotation processor writes. */
  private static void compile(List<Path> sources, Path classes, String classPath)
      throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter errors = new StringWriter();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      List<String> options =
          List.of("-cp", classPath, "-d", classes.toString(), "-processor", PROCESSOR, "-nowarn");
      var units = files.getJavaFileObjectsFromPaths(sources);
      if (!compiler.getTask(errors, files, null, options, null, units).call()) {
        throw new IllegalStateException(errors.toString());
      }
    }
  }

  /** The sources of this module's stress tests, which are named so. */
  static List<Path> sources() throws IOException {
    try (Stream<Path> all = Files.walk(Path.of("src", "test", "java"))) {
      return all.filter(path -> path.toString().endsWith("Stress.java")).sorted().toList();
    }
  }
}
