package ai.llmd.epp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.cli.CommandLineResult.Exit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Flags as older charts and tired operators write them: each mistake is one line with its way out.
 */
class FlagsInAnotherSpellingTest {

  private static final String CASE = "/cases/flags-in-another-spelling/args.txt";

  @Test
  void everyFlagOfAnOldChartIsNamedWithTheValidOneAndNoValueIsBlamed() throws IOException {
    assertThat(complaints(arguments().toArray(String[]::new)))
        .containsExactly(
            "--poolName: unknown flag; did you mean --pool-name?",
            "--poolNamespace: unknown flag; did you mean --pool-namespace?",
            "--grpcPort: unknown flag; did you mean --grpc-port?",
            "--secureServing: unknown flag; did you mean --secure-serving?",
            "--modelServerMetricsPort: removed; use the port of metrics-data-source",
            "--configText: unknown flag; did you mean --config-text?");
  }

  private static List<String> arguments() throws IOException {
    try (InputStream in = FlagsInAnotherSpellingTest.class.getResourceAsStream(CASE)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--poolName",
        "-poolName",
        "-pool-name",
        "--POOL_NAME",
        "--pool_name",
        "--Pool-Name",
        "--poolname",
        "--pool.name",
        "---pool-name",
        "—pool-name",
        "–poolName",
        "--pol-name",
        "--pool-nmae",
        "--pool-nam",
        "--inference-pool-name"
      })
  void thePoolsNameIsFoundBehindEverySpelling(String flag) {
    String complaint = flag + ": unknown flag; did you mean --pool-name?";

    assertThat(complaints(flag, "x")).containsExactly(complaint);
    assertThat(complaints(flag + "=x")).containsExactly(complaint);
    assertThat(complaints(flag)).containsExactly(complaint);
  }

  @ParameterizedTest
  @CsvSource({
    "--config, --config-file or --config-text",
    "--metrics_port, --metrics-port",
    "--health-port, --grpc-health-port",
    "--leader-election, --ha-enable-leader-election",
    "--enable-tracing, --tracing",
    "--zapEncoder, --zap-encoder",
    "--tls-cipher-suite, --tls-cipher-suites",
    "--endpointTargetPort, --endpoint-target-ports",
    "--V, --v",
  })
  void otherFlagsAreFoundToo(String flag, String meant) {
    assertThat(complaints(flag))
        .containsExactly(flag + ": unknown flag; did you mean " + meant + "?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--nope", "--frobnicate", "--x", "-x"})
  void whatIsLikeNoFlagIsOnlyCalledUnknown(String flag) {
    assertThat(complaints(flag, "value")).containsExactly(flag + ": unknown flag");
  }

  @ParameterizedTest
  @CsvSource({
    "--modelServerMetricsPath, use the path of metrics-data-source",
    "--model-server-metrics-scheme, use the scheme of metrics-data-source",
    "--modelServerMetricsHttpsInsecureSkipVerify, use insecureSkipVerify of metrics-data-source",
    "--loraInfoMetric, use engineConfigs of core-metrics-extractor",
    "--DestinationEndpointHintKey, the header is always x-gateway-destination-endpoint",
  })
  void whatWasRemovedNamesItsSuccessor(String flag, String successor) {
    assertThat(complaints(flag, "--nope"))
        .containsExactly(flag + ": removed; " + successor, "--nope: unknown flag");
    assertThat(complaints(flag)).contains(flag + ": removed; " + successor);
  }

  @Test
  void aRemovedSwitchTakesNoOtherFlagForItsValue() {
    assertThat(complaints("--model-server-metrics-https-insecure-skip-verify", "--pool-name", "p"))
        .containsExactly(
            "--model-server-metrics-https-insecure-skip-verify: removed; use insecureSkipVerify of"
                + " metrics-data-source");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--tracing", "--secure-serving", "--health-checking"})
  void anUnknownFlagBehindABooleanIsBlamedItself(String flag) {
    assertThat(complaints(flag, "--nope")).containsExactly("--nope: unknown flag");
    assertThat(complaints(flag, "-nope", "x")).containsExactly("-nope: unknown flag");
    assertThat(complaints(flag, "perhaps"))
        .containsExactly(flag + ": must be true or false, was \"perhaps\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t", "\n"})
  void emptyArgumentsAreIgnored(String empty) {
    assertThat(
            EppCommandLine.parse(
                Map.of(), empty, "--pool-name", "p", empty, "--tracing", empty, "-v=3", empty))
        .isEqualTo(EppCommandLine.parse(Map.of(), "--pool-name", "p", "--tracing", "-v=3"));
  }

  @Test
  void anEmptyValueIsAValue() {
    assertThat(EppCommandLine.parse(Map.of(), "--pool-name", "p", "--config-text", ""))
        .isEqualTo(EppCommandLine.parse(Map.of(), "--pool-name", "p"));
  }

  @Test
  void aFlagWithoutItsValueIsBlamedAndNotTheNextOne() {
    assertThat(complaints("--config-file", "--pool-name", "p"))
        .containsExactly("--config-file: needs a value");
    assertThat(complaints("--pool-name")).containsExactly("--pool-name: needs a value");
    assertThat(complaints("--pool-name", "p", "--config-file", "--poolNamespace", "x"))
        .containsExactly(
            "--config-file: needs a value",
            "--poolNamespace: unknown flag; did you mean --pool-namespace?");
  }

  @Test
  void documentsAndNegativeNumbersAreValues() {
    assertThat(complaints("--pool-name", "p", "--v", "-3", "--drain-timeout", "-1s"))
        .containsExactly("--drain-timeout: must not be negative");
    assertThat(
            EppCommandLine.parse(
                Map.of(), "--pool-name", "p", "--config-text", "---\nplugins: []\n", "-v5"))
        .isInstanceOf(CommandLineResult.Run.class);
  }

  @Test
  void nameAndValueInOneArgumentAreTakenApart() {
    assertThat(complaints("--pool-name p"))
        .containsExactly("--pool-name: name and value are one argument; write --pool-name=VALUE");
  }

  @Test
  void everyMistakeIsOneLineEvenAboutADocument() {
    assertThat(
            complaints("--grpc-port=a\nb", "apiVersion: x\nkind: y", "--grpc-port=c", "--", "-x"))
        .containsExactly(
            "--grpc-port: must be a whole number, was \"a\\nb\"",
            "apiVersion: x\\nkind: y: unexpected argument",
            "-x: unexpected argument");
  }

  private static List<String> complaints(String... arguments) {
    CommandLineResult result = EppCommandLine.parse(Map.of(), arguments);
    assertThat(result).isInstanceOf(Exit.class);
    return ((Exit) result).text().lines().toList();
  }
}
