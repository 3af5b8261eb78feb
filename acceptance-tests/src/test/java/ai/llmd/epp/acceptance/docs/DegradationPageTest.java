package ai.llmd.epp.acceptance.docs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.DegradationObserver.Step;
import ai.llmd.epp.application.waiting.WaitingRules;
import ai.llmd.epp.bootstrap.Checkout;
import ai.llmd.epp.bootstrap.MetricFamilies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code docs/degradation.md} names exists. */
class DegradationPageTest {

  private static final Pattern METRIC = Pattern.compile("`(llm_d_epp_[a-z_]+)`");
  private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z]+(?:Test|IT))`");

  private static List<String> steps() throws IOException {
    return Files.readAllLines(Checkout.file("docs/degradation.md")).stream()
        .filter(line -> line.startsWith("| ") && !line.startsWith("| step "))
        .toList();
  }

  @Test
  void everyStepHasATestThatExists() throws IOException {
    Set<String> tests = testClasses();
    assertThat(steps()).hasSizeGreaterThan(5);
    assertThat(steps())
        .allSatisfy(
            step ->
                assertThat(found(TEST, step.substring(step.lastIndexOf(" | "))))
                    .isNotEmpty()
                    .isSubsetOf(tests));
  }

  @Test
  void everyStateIsInItsOrder() throws IOException {
    assertThat(
            steps().stream()
                .map(step -> step.split(" \\| ", -1)[1])
                .filter(state -> !state.equals("of one request"))
                .map(state -> state.replaceFirst(",.*", "")))
        .containsExactlyElementsOf(
            Stream.of(Step.values())
                .filter(step -> step != Step.FULL)
                .map(step -> step.number() + " `" + step.label() + '`')
                .toList());
  }

  @Test
  void itsMetricsExist() throws IOException {
    Set<String> families =
        MetricFamilies.registered().stream()
            .map(MetricFamilies.Family::name)
            .collect(Collectors.toSet());
    assertThat(found(METRIC, Files.readString(Checkout.file("docs/degradation.md"))))
        .isNotEmpty()
        .isSubsetOf(families);
  }

  @Test
  void itsHeadersAreThoseThatCount() throws IOException {
    assertThat(Files.readString(Checkout.file("docs/degradation.md")))
        .contains(WaitingRules.KNOWN_DEADLINES);
  }

  private static Set<String> testClasses() throws IOException {
    try (Stream<Path> files = Files.walk(Checkout.ROOT, 14)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith("Test.java") || name.endsWith("IT.java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .collect(Collectors.toSet());
    }
  }

  private static List<String> found(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(match -> match.group(1)).toList();
  }
}
