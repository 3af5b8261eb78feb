package ai.llmd.epp.domain.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What plugins are built against is what {@code plugin-api.txt} beside the module's pom.xml
 * records. Renews the file instead of comparing with {@code -Dapi.goal=apply}.
 */
class PluginApiTest {

  private static final String ROOT = "ai.llmd.epp.domain.";
  private static final Set<String> PACKAGES =
      Set.of("catalogue", "facts", "pool", "request", "routing", "scheduling");
  private static final String RENEWAL =
      "plugin-api.txt is renewed with -Dapi.goal=apply, see CONTRIBUTING.md";

  @Test
  void keepsItsSignatures() throws IOException, URISyntaxException {
    Path classes =
        Path.of(PluginApi.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path baseline = classes.resolve("../../plugin-api.txt").normalize();
    List<String> present =
        new ArrayList<>(ApiSignatures.below(classes, PluginApiTest::isPublished));
    present.addFirst("version " + PluginApi.VERSION);
    if ("apply".equals(System.getProperty("api.goal"))) {
      Files.write(baseline, present);
    }

    List<String> recorded = Files.readAllLines(baseline);

    ApiDifference difference = ApiDifference.between(recorded, present);
    assertThat(difference.breaking())
        .as("breaks jars that exist: raise PluginApi.VERSION, or take it back; %s", RENEWAL)
        .isEmpty();
    assertThat(difference.added()).as("added, which keeps the version; %s", RENEWAL).isEmpty();
  }

  private static boolean isPublished(String className) {
    if (className.startsWith(ROOT + "saturation.SaturationDetector")) {
      return true;
    }
    String packageName = className.substring(0, className.lastIndexOf('.'));
    return packageName.startsWith(ROOT) && PACKAGES.contains(packageName.substring(ROOT.length()));
  }
}
