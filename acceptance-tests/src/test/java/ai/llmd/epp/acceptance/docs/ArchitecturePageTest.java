package ai.llmd.epp.acceptance.docs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.bootstrap.Checkout;
import ai.llmd.epp.bootstrap.plugins.JarMaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docs/architecture.md} names exists. */
class ArchitecturePageTest {

  private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
  private static final Pattern ROOM = Pattern.compile("^\\| `([a-z0-9-]+)` \\|", Pattern.MULTILINE);

  @Test
  void itsWaitingProducerCompiles(@TempDir Path folder) throws IOException {
    Map<String, String> sources = JavaBlocks.of(page());
    Path classes = Files.createDirectory(folder.resolve("classes"));

    JarMaker.compile(sources, classes);

    assertThat(sources).hasSize(1);
    assertThat(classes.resolve("ai/llmd/epp/application/producer/TenantProducer.class")).exists();
  }

  @Test
  void itsRoomsAreTheModulesOfTheBuild() throws IOException {
    List<String> modules = found(MODULE, Files.readString(Checkout.file("pom.xml")));

    assertThat(found(ROOM, rooms()))
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(modules);
  }

  private static String rooms() throws IOException {
    String page = page();
    return page.substring(
        page.indexOf("## The rooms"), page.indexOf("## The journey of a request"));
  }

  private static String page() throws IOException {
    return Files.readString(Checkout.file("docs/architecture.md"));
  }

  private static List<String> found(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(match -> match.group(1)).toList();
  }
}
