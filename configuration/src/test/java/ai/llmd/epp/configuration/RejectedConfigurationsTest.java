package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a configuration is refused for: every problem, with its place and its words, and no other.
 * The cases are in {@code src/test/resources/rejected}: a title, a configuration, the problems.
 */
class RejectedConfigurationsTest {

  private static final List<String> FILES =
      List.of(
          "document", "plugins", "profiles", "references", "data-keys", "flow-control", "several");

  private static final String TITLE = "== ";
  private static final String PROBLEM = "--> ";

  /** At the end of a problem: whatever names are near. */
  private static final String ETC = "…";

  /**
   * @param problems without the file's name; in the order of the document
   */
  record Rejected(String title, String text, List<String> problems) {

    @Override
    public String toString() {
      return title;
    }
  }

  static Stream<Rejected> cases() throws IOException {
    List<Rejected> cases = new ArrayList<>();
    for (String file : FILES) {
      try (InputStream in =
          RejectedConfigurationsTest.class.getResourceAsStream("/rejected/" + file + ".txt")) {
        String[] parts = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n*" + TITLE);
        Stream.of(parts).filter(part -> !part.isBlank()).forEach(part -> cases.add(rejected(part)));
      }
    }
    return cases.stream();
  }

  private static Rejected rejected(String part) {
    List<String> lines = part.lines().toList();
    List<String> configuration = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      if (line.startsWith(PROBLEM)) {
        problems.add(line.substring(PROBLEM.length()));
      } else {
        configuration.add(line);
      }
    }
    return new Rejected(lines.getFirst(), String.join("\n", configuration), problems);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isRefusedForEachReasonAtItsPlace(Rejected rejected) {
    List<String> problems = Loading.problemsOf(rejected.text());
    assertThat(problems)
        .map(problem -> problem.replaceFirst("^epp\\.yaml:( (?=\\w))?", ""))
        .zipSatisfy(rejected.problems(), RejectedConfigurationsTest::assertSame);
  }

  private static void assertSame(String problem, String expected) {
    if (expected.endsWith(ETC)) {
      assertThat(problem).startsWith(expected.substring(0, expected.length() - ETC.length()));
    } else {
      assertThat(problem).isEqualTo(expected);
    }
  }
}
