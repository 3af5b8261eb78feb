package ai.llmd.epp.acceptance.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.bootstrap.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/conformance.md names tests, all of which exist, and shows a configuration. */
class ConformancePageTest {

  private static final Pattern TEST = Pattern.compile("`([A-Z]\\w*(?:Test|IT))\\.(\\w+)`");

  private static final List<String> SUITE =
      List.of(
          "InferencePoolAccepted",
          "InferencePoolResolvedRefsCondition",
          "InferencePoolInvalidEPPService",
          "InferencePoolMissingEPPRef",
          "HTTPRouteInvalidInferencePoolRef",
          "InferencePoolHTTPRoutePortValidation",
          "HTTPRouteMultipleGatewaysDifferentPools",
          "HTTPRouteMultipleRulesDifferentPools",
          "GatewayFollowingEPPRouting",
          "GatewayFollowingEPPRoutingWithDataParallelism",
          "GatewayDestinationEndpointServed",
          "InferencePoolAppProtocol",
          "GatewayWeightedAcrossTwoInferencePools",
          "EppUnAvailableFailOpen");

  private static String page() throws IOException {
    return Files.readString(Checkout.file("docs/conformance.md"));
  }

  @Test
  void everyTestOfTheSuiteHasARow() throws IOException {
    String page = page();

    assertThat(SUITE).allMatch(test -> page.contains("| `" + test + "` |"));
  }

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    List<MatchResult> named = TEST.matcher(page()).results().toList();

    assertThat(named).hasSizeGreaterThan(8);
    for (MatchResult test : named) {
      assertThat(Files.readString(source(test.group(1))))
          .as(test.group())
          .containsPattern("void " + test.group(2) + "\\(");
    }
  }

  @Test
  void theConfigurationIsTheOneThatTheSuiteIsRunWith() throws IOException {
    String file = Files.readString(Checkout.file("conformance/epp.yaml"));
    String plugins = file.substring(file.indexOf("plugins:"));

    assertThat(page()).contains("```yaml\n" + plugins + "```\n");
  }

  private static Path source(String name) throws IOException {
    try (Stream<Path> modules = Files.list(Checkout.ROOT)) {
      for (Path module : modules.filter(path -> Files.isDirectory(path.resolve("src"))).toList()) {
        if (!Files.isDirectory(module.resolve("src/test/java"))) {
          continue;
        }
        try (Stream<Path> files = Files.walk(module.resolve("src/test/java"))) {
          List<Path> found = files.filter(file -> file.endsWith(name + ".java")).toList();
          if (!found.isEmpty()) {
            return found.getFirst();
          }
        }
      }
    }
    throw new AssertionError("docs/conformance.md names " + name + ", which does not exist");
  }
}
