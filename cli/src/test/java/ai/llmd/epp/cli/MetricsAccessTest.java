package ai.llmd.epp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.cli.CommandLineResult.Exit;
import ai.llmd.epp.cli.CommandLineResult.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which flags of the metrics port go together. */
class MetricsAccessTest {

  @TempDir private Path folder;

  @BeforeEach
  void files() throws IOException {
    for (String file : List.of("tls.crt", "tls.key", "ca.crt")) {
      Files.writeString(folder.resolve(file), "read when the port is opened");
    }
  }

  private CommandLineResult parse(boolean hasCertificate, boolean hasAuthority, boolean auth) {
    List<String> flags =
        new ArrayList<>(List.of("--pool-name=p", "--metrics-endpoint-auth=" + auth));
    if (hasCertificate) {
      flags.add("--metrics-cert-dir=" + folder);
    }
    if (hasAuthority) {
      flags.add("--metrics-client-ca-file=" + folder.resolve("ca.crt"));
    }
    return EppCommandLine.parse(Map.of(), flags.toArray(String[]::new));
  }

  @ParameterizedTest(name = "certificate {0}, client CA {1}, auth {2}")
  @CsvSource({
    "false, false, false",
    "false, false, true",
    "true, true, false",
    "true, false, true",
    "true, true, true"
  })
  void theseGoTogether(boolean hasCertificate, boolean hasAuthority, boolean auth) {
    Options.MetricsAccess access =
        ((Run) parse(hasCertificate, hasAuthority, auth)).options().metrics().access();

    assertThat(access)
        .isEqualTo(
            new Options.MetricsAccess(
                auth,
                hasCertificate ? folder : null,
                hasAuthority ? folder.resolve("ca.crt") : null));
  }

  @Test
  void aCertificateAloneIsRefused() {
    assertThat(parse(true, false, false))
        .isEqualTo(
            new Exit(
                1,
                "--metrics-cert-dir: requires --metrics-client-ca-file or"
                    + " --metrics-endpoint-auth"));
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aClientAuthorityWithoutACertificateIsRefused(boolean auth) {
    assertThat(parse(false, true, auth))
        .isEqualTo(new Exit(1, "--metrics-client-ca-file: requires --metrics-cert-dir"));
  }

  @ParameterizedTest
  @CsvSource({
    "tls.crt, --metrics-cert-dir",
    "tls.key, --metrics-cert-dir",
    "ca.crt, --metrics-client-ca-file"
  })
  void aFileThatIsMissingIsNamed(String file, String flag) throws IOException {
    Files.delete(folder.resolve(file));

    assertThat(parse(true, true, true))
        .isEqualTo(new Exit(1, flag + ": cannot read " + folder.resolve(file)));
  }
}
