package ai.llmd.epp.acceptance.docs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.bootstrap.Checkout;
import ai.llmd.epp.bootstrap.MetricFamilies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rewrites the pages instead of checking them with {@code -Ddocs.goal=apply}. */
class GeneratedDocsTest {

  private static final boolean IS_APPLIED = "apply".equals(System.getProperty("docs.goal"));

  @Test
  void flagsPageMatchesTheFlagTable() throws IOException {
    check("flags.md", FlagsPage.text());
  }

  @Test
  void flagsPageOfTheSidecarMatchesItsFlagTable() throws IOException {
    check("sidecar-flags.md", SidecarFlagsPage.text());
  }

  @Test
  void pluginsPageMatchesTheCatalogues() throws IOException {
    check("plugins.md", new PluginsPage(new SourceDocs(Checkout.ROOT)).text());
  }

  @Test
  void everyParameterIsDescribed() {
    assertThat(new PluginsPage(new SourceDocs(Checkout.ROOT)).text().lines())
        .as("@param of the parameter record, or a sentence about the nested record or enum")
        .filteredOn(line -> line.startsWith("| `"))
        .noneMatch(line -> line.endsWith("|  |"));
  }

  @Test
  void metricsPageMatchesWhatIsRegistered() throws IOException {
    check("metrics.md", MetricsPage.text());
  }

  @Test
  void everyFamilyThatAPickerShowsIsOnTheMetricsPage(@TempDir Path folder) throws Exception {
    String page = MetricsPage.text();
    assertThat(MetricFamilies.shownByAPicker(folder))
        .contains("llm_d_epp_info", "llm_d_epp_ready_endpoints")
        .allSatisfy(family -> assertThat(page).contains("| `" + family + "` |"));
  }

  private static void check(String page, String expected) throws IOException {
    Path file = Checkout.file("docs").resolve(page);
    if (IS_APPLIED) {
      Files.writeString(file, expected);
      return;
    }
    assertThat(file)
        .as("%s; rewrite it with -Ddocs.goal=apply, see CONTRIBUTING.md", page)
        .hasContent(expected);
  }
}
