package ai.llmd.epp.acceptance.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.bootstrap.Checkout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the program ends that is only asked something, or asked wrongly. */
class ExitCodesIT {

  private static final String VALID =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      plugins:
      - name: endpoints
        type: file-discovery
        parameters: {path: endpoints.yaml}
      - type: queue-scorer
      schedulingProfiles:
      - name: default
        plugins:
        - pluginRef: queue-scorer
      dataLayer:
        discovery: {pluginRef: endpoints}
      """;

  @TempDir Path folder;

  private record Ended(int code, String out, String err) {}

  private Ended run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Checkout.script("bootstrap/target/dist/bin/epp"));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends by itself").isTrue();
      return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      process.destroyForcibly();
    }
  }

  private Ended validate(String configuration) throws IOException, InterruptedException {
    Path file = folder.resolve("epp.yaml");
    Files.writeString(file, configuration, StandardCharsets.UTF_8);
    return run("--validate", "--pool-name=p", "--config-file=" + file);
  }

  @Test
  void aValidConfigurationEndsWithZero() throws Exception {
    Ended ended = validate(VALID);

    assertThat(ended.code()).isZero();
    assertThat(ended.out()).contains("the configuration is valid");
  }

  @Test
  void aWrongConfigurationEndsWithOneAndEveryProblem() throws Exception {
    Ended ended =
        validate(
            VALID
                .replace("- type: queue-scorer", "- type: queue-scorrer")
                .replace("parameters: {path", "parameters: {pathh"));

    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err())
        .contains("queue-scorrer", "queue-scorer", "pathh", "epp.yaml:")
        .doesNotContain("Exception");
  }

  @Test
  void aWrongCommandLineEndsWithTwo() throws Exception {
    Ended ended = run("--pool-nam=p");

    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).contains("--pool-nam");
  }

  @Test
  void aStartWithoutEndpointsEndsWithOneAndASentence() throws Exception {
    Path file = Files.writeString(folder.resolve("epp.yaml"), VALID);
    Ended ended =
        run(
            "--pool-name=p",
            "--config-file=" + file,
            "--grpc-port=0",
            "--grpc-health-port=0",
            "--metrics-port=0");

    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err()).contains("endpoints.yaml").doesNotContain("Exception");
  }
}
