package ai.llmd.epp.acceptance.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What scripts and supervisors see of a program that does not get to serve. */
class ExitCodesIT {

  @TempDir Path folder;

  private Ended run(String... flags) throws Exception {
    try (EppProgram epp = EppProgram.start(folder, flags)) {
      int code = epp.exitCode();
      return new Ended(code, epp.out(), epp.err());
    }
  }

  private record Ended(int code, String out, String err) {}

  private Path configuration(String text) throws IOException {
    return Configurations.write(folder, text);
  }

  private Path badConfiguration() throws IOException {
    return configuration(
        Configurations.good(folder) + "schedulingProfiles: [{name: default, plugin: []}]\n");
  }

  @Test
  void is1ForAConfigurationWithAMistakeAndSaysWhere() throws Exception {
    Path config = badConfiguration();

    Ended epp = run("--config-file=" + config, "--pool-name=p");

    assertThat(epp.code()).isEqualTo(1);
    assertThat(epp.err()).contains(config + ":8:").contains("unknown field \"plugin\"");
    assertThat(epp.err()).containsPattern("config\\.yaml:8:\\d+");
  }

  @Test
  void is1ForAnExpressionThatDoesNotCompileAndSaysWhere() throws Exception {
    Path config =
        configuration(
            Configurations.good(folder)
                .replace(
                    "dataLayer:",
                    """
                    - type: request-attribute-reporter
                      parameters:
                        attributes: [{key: {name: cost}, expression: "usage.total_tokens +"}]
                    dataLayer:\
                    """));

    Ended epp = run("--config-file=" + config, "--pool-name=p");

    assertThat(epp.code()).isEqualTo(1);
    assertThat(epp.err()).containsPattern("config\\.yaml:\\d+:\\d+").contains("does not compile");
  }

  @Test
  void is1ForAConfigurationThatIsNotThere() throws Exception {
    Path missing = folder.resolve("missing.yaml");

    Ended epp = run("--config-file=" + missing, "--pool-name=p");

    assertThat(epp.code()).isEqualTo(1);
    assertThat(epp.err()).contains(missing.toString());
  }

  @Test
  void is2ForAFlagThatIsNotKnown() throws Exception {
    Ended epp = run("--config-fil=x", "--pool-name=p");

    assertThat(epp.code()).isEqualTo(2);
    assertThat(epp.err()).contains("--config-fil");
    assertThat(epp.out()).isEmpty();
  }

  @Test
  void is0ForHelp() throws Exception {
    Ended epp = run("--help");

    assertThat(epp.code()).isZero();
    assertThat(epp.out()).contains("--config-file", "--validate");
    assertThat(epp.err()).isEmpty();
  }

  @Test
  void is0ForAValidConfiguration() throws Exception {
    Path config = configuration(Configurations.good(folder));

    Ended epp = run("--validate", "--config-file=" + config, "--pool-name=p");

    assertThat(epp.code()).as(epp.err()).isZero();
    assertThat(epp.out()).contains("valid");
  }

  @Test
  void is1ForAnInvalidConfiguration() throws Exception {
    Path config = badConfiguration();

    Ended epp = run("--validate", "--config-file=" + config, "--pool-name=p");

    assertThat(epp.code()).isEqualTo(1);
    assertThat(epp.err()).contains("unknown field \"plugin\"");
    assertThat(epp.out()).doesNotContain("is valid");
  }

  @Test
  void is1ForAnInvalidFileOfRewrites() throws Exception {
    Path config = configuration(Configurations.good(folder));
    Path rewrites = Files.writeString(folder.resolve("rewrites.yaml"), "kind: Nonsense\n");

    Ended epp =
        run(
            "--validate",
            "--config-file=" + config,
            "--rewrites-file=" + rewrites,
            "--pool-name=p");

    assertThat(epp.code()).isEqualTo(1);
    assertThat(epp.err())
        .contains(rewrites + ":1:7: kind: must be InferenceModelRewrite, was \"Nonsense\"");
    assertThat(epp.out()).doesNotContain("is valid");
  }

  @Test
  void is0ForAConfigurationThatIsExplainedAndWhatIsPrintedIsValid() throws Exception {
    Path config = configuration(Configurations.good(folder));

    Ended explained = run("--explain-config", "--config-file=" + config, "--pool-name=p");
    Ended validated = run("--validate", "--config-text=" + explained.out(), "--pool-name=p");

    assertThat(explained.code()).as(explained.err()).isZero();
    assertThat(explained.out()).contains("# added by default;", "type: openai-parser");
    assertThat(validated.code()).as(validated.err()).isZero();
  }

  @Test
  void is1ForAnInvalidConfigurationThatShallBeExplained() throws Exception {
    Path config = badConfiguration();

    Ended epp = run("--explain-config", "--config-file=" + config, "--pool-name=p");

    assertThat(epp.code()).isEqualTo(1);
    assertThat(epp.err()).contains("unknown field \"plugin\"");
    assertThat(epp.out()).isEmpty();
  }
}
