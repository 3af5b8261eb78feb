package ai.llmd.epp.acceptance.process;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.bootstrap.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Configurations that charts, guides and operators of the field ship, checked by the program. The
 * first line of each says what must happen, the second may name flags.
 */
class ConfigsIT {

  private static final Path CASES =
      Checkout.file("acceptance-tests/src/test/resources/cases/configs");

  private static final String LOADS = "# expect: loads";
  private static final String NEEDS = "# expect: needs feature ";
  private static final String REFUSED = "# expect: refused";
  private static final String FLAGS = "# flags: ";

  /**
   * Refused now, and why: every error of the file. A feature that arrives makes its row fail: what
   * is left of the reasons stays, and a file that loads loses its row.
   */
  private static final Map<String, List<String>> REFUSED_NOW =
      Map.of(
          "14-old-group-old-parameters.yaml",
          List.of("hashBlockSize", "maxPrefixBlocksToMatch", "lruCapacityPerServer"));

  /** The reference 0.10 refuses them, as their first line says; the next one reads them. */
  private static final Set<String> AHEAD_OF_THE_REFERENCE = Set.of("15-next-version.yaml");

  @TempDir private Path folder;

  static Stream<String> files() throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void theProgramAnswersAsTheFirstLineSays(String name) throws Exception {
    List<String> lines = Files.readAllLines(CASES.resolve(name));
    List<String> reasons = REFUSED_NOW.getOrDefault(name, List.of());
    assertThat(lines.getFirst())
        .as("only what loads is absent from the table, and what needs a feature that is there")
        .satisfiesAnyOf(
            line -> assertThat(line).startsWith(reasons.isEmpty() ? LOADS : REFUSED),
            line -> assertThat(line).startsWith(NEEDS),
            _ -> assertThat(AHEAD_OF_THE_REFERENCE).contains(name));

    for (boolean asText : new boolean[] {false, true}) {
      Ended ended = validate(lines, asText);

      assertThat(ended.code()).as(ended.err()).isEqualTo(reasons.isEmpty() ? 0 : 1);
      assertThat(errors(ended)).as("one error for each reason").hasSameSizeAs(reasons);
      reasons.forEach(reason -> assertThat(ended.err()).contains(reason));
    }
  }

  @Test
  void noneIsMissing() throws IOException {
    assertThat(files()).hasSize(16).containsAll(REFUSED_NOW.keySet());
  }

  private record Ended(int code, String err) {}

  private Ended validate(List<String> lines, boolean asText) throws Exception {
    Path endpoints =
        Files.writeString(
            folder.resolve("endpoints.yaml"),
            "endpoints: [{name: a, address: 127.0.0.1, port: '1'}]\n");
    String text = String.join("\n", lines).replace("${ENDPOINTS_FILE}", endpoints.toString());
    List<String> flags = new ArrayList<>(List.of("--validate", "--pool-name=p"));
    if (lines.get(1).startsWith(FLAGS)) {
      flags.addAll(List.of(lines.get(1).substring(FLAGS.length()).split(" ", -1)));
    }
    flags.addAll(
        asText
            ? List.of("--config-text", text)
            : List.of("--config-file", Configurations.write(folder, text).toString()));
    try (EppProgram epp = EppProgram.start(folder, flags.toArray(String[]::new))) {
      return new Ended(epp.exitCode(), epp.err());
    }
  }

  /** Lines that are no log. */
  private static List<String> errors(Ended ended) {
    return ended.err().lines().filter(line -> !line.startsWith("{")).toList();
  }
}
