package ai.llmd.epp.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Looks for inputs that fail, guided by the code that they reach (Jazzer), in a process for each
 * target. What it finds is in {@code target/fuzz/TARGET}; it belongs into {@link FoundInputs}.
 */
class FuzzingTest {

  private static final String FUZZER = "com.code_intelligence.jazzer.Jazzer";
  private static final Pattern FINDING = Pattern.compile("^(crash|timeout|oom|leak)-");
  private static final int MAX_INPUT_BYTES = 16 << 10;

  /** All, or those whose names are in {@code -Dfuzz.targets}, with commas. */
  static List<FuzzTarget> targets() {
    String names = System.getProperty("fuzz.targets", "");
    if (names.isEmpty()) {
      return FuzzTarget.ALL;
    }
    return Stream.of(names.split(",", -1)).map(FuzzingTest::named).toList();
  }

  private static FuzzTarget named(String name) {
    return FuzzTarget.ALL.stream()
        .filter(target -> target.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(name + " is none of " + FuzzTarget.ALL));
  }

  @ParameterizedTest
  @MethodSource("targets")
  void findsNothing(FuzzTarget target) throws IOException, InterruptedException {
    int seconds = Integer.getInteger("fuzz.seconds", 0);
    assumeTrue(seconds > 0, "takes an hour for each target: -P fuzz, or -Dfuzz.seconds=60");
    Path folder = FoundInputs.module().resolve("target/fuzz").resolve(target.name());
    Path corpus = Files.createDirectories(folder.resolve("corpus"));
    writeSeeds(target, corpus);
    for (Path before : findings(folder)) {
      Files.delete(before);
    }

    Process fuzzer =
        new ProcessBuilder(command(target, seconds, corpus))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();

    assertThat(fuzzer.waitFor()).as("see %s", folder).isZero();
    assertThat(findings(folder)).as("findings, for which it goes on").isEmpty();
  }

  private static List<Path> findings(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> FINDING.matcher(file.getFileName().toString()).find()).toList();
    }
  }

  /** Without the launcher of tests: where it is, the fuzzer looks for tests instead of targets. */
  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> !entry.isEmpty() && !entry.contains("junit-platform"))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static void writeSeeds(FuzzTarget target, Path corpus) throws IOException {
    List<byte[]> inputs = new ArrayList<>(target.seeds());
    inputs.addAll(FoundInputs.of(target));
    for (int i = 0; i < inputs.size(); i++) {
      Files.write(corpus.resolve("seed-" + i), inputs.get(i));
    }
  }

  private static List<String> command(FuzzTarget target, int seconds, Path corpus) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx1g",
        "-XX:+EnableDynamicAgentLoading",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-cp",
        classPath(),
        FUZZER,
        "--target_class=" + target.type().getName(),
        "--instrumentation_includes=ai.llmd.epp.**",
        "--custom_hook_includes=ai.llmd.epp.**",
        "--keep_going=10",
        "-max_total_time=" + seconds,
        "-max_len=" + MAX_INPUT_BYTES,
        "-timeout=60", // seconds for one input, the loading of classes included
        "-rss_limit_mb=3000",
        corpus.toString());
  }
}
