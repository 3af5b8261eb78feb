package ai.llmd.epp.acceptance.docs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.bootstrap.Checkout;
import ai.llmd.epp.domain.catalogue.PluginApi;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What {@code examples/custom-scorer} and its pages say of this build; an IT builds and runs it.
 */
class ExampleTest {

  private static String text(String file) throws IOException {
    return Files.readString(Checkout.file(file));
  }

  private static List<String> all(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  private static String version() throws IOException {
    return all("<artifactId>epp-parent</artifactId>\\s*<version>(.*?)<", text("pom.xml"))
        .getFirst();
  }

  @Test
  void isBuiltAgainstThisVersion() throws IOException {
    assertThat(text("examples/custom-scorer/pom.xml"))
        .contains("<epp.version>" + version() + "</epp.version>")
        .contains("<Epp-Plugin-Api>" + PluginApi.VERSION + "</Epp-Plugin-Api>");
  }

  @Test
  void namesThisVersionInItsCommands() throws IOException {
    assertThat(text("examples/custom-scorer/README.md"))
        .contains("domain-" + version() + ".jar", "-Dversion=" + version() + " ");
    assertThat(text("docs/writing-plugins.md"))
        .contains(PluginApi.MANIFEST_ENTRY + ": " + PluginApi.VERSION)
        .contains("The API is version " + PluginApi.VERSION + " ");
  }

  @Test
  void needsNothingThatThisBuildHasNotFetched() throws IOException {
    String example = text("examples/custom-scorer/pom.xml").replaceAll("\\s+", "");
    String build = text("pom.xml").replaceAll("\\s+", "");
    List<String> plugins = all("(maven-\\w+-plugin</artifactId><version>.*?<)", example);

    assertThat(plugins).hasSize(5);
    assertThat(build).contains(plugins);
    assertThat(all("<artifactId>junit-jupiter</artifactId><version>(.*?)<", example))
        .isEqualTo(all("<junit.version>(.*?)<", build));
  }
}
