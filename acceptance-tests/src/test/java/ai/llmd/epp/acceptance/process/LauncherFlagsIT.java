package ai.llmd.epp.acceptance.process;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.bootstrap.Checkout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which flags the start script gives to Java, which here is a program that prints them. */
class LauncherFlagsIT {

  private static final String CACHE = "-XX:AOTCache=";

  @TempDir Path folder;

  @BeforeEach
  void putAProgramInThePlaceOfJava() throws IOException {
    Path checkout = Checkout.ROOT;
    Files.createDirectories(folder.resolve("bin"));
    Files.createDirectories(folder.resolve("lib"));
    for (String script : List.of("bootstrap/src/main/dist/bin/epp", "build/find-java.sh")) {
      Path source = checkout.resolve(script);
      executable(folder.resolve("bin").resolve(source.getFileName()), Files.readString(source));
    }
    Files.createDirectories(folder.resolve("jdk/bin"));
    Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
    executable(folder.resolve("jdk/bin/java"), "#!/bin/sh\necho \"$@\"\n");
  }

  private static void executable(Path file, String text) throws IOException {
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private String flags(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(folder.resolve("bin/epp").toString());
    Stream.of(arguments).forEach(command::add);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("EPP_JAVA_HOME", folder.resolve("jdk").toString());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("ai.llmd.epp.bootstrap.Epp");
    return output;
  }

  @Test
  void theCacheOfTheBuildIsUsedWhereThereIsOne() throws Exception {
    assertThat(flags()).doesNotContain(CACHE);

    Path cache = Files.writeString(folder.resolve("lib/epp.aot"), "what an earlier run learned");

    assertThat(flags()).contains(CACHE + cache.toRealPath());
  }

  /** With a module opened, or added, the JVM refuses the cache. */
  @Test
  void noConfigurationOpensTheJdk() throws Exception {
    Path file = Files.writeString(folder.resolve("a.yaml"), "stateStore: {type: hazelcast}\n");

    assertThat(flags("--config-file", file.toString())).doesNotContain("--add-");
  }
}
