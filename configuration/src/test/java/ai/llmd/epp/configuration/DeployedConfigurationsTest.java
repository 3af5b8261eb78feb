package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The configurations in the ConfigMaps of {@code deploy/}, and that of docs/conformance.md. */
class DeployedConfigurationsTest {

  private static final Path CHECKOUT = Path.of("..");

  private static String configurationOf(String variant) throws IOException {
    String map =
        Files.readString(CHECKOUT.resolve("deploy").resolve(variant).resolve("config.yaml"));
    var object = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(map);
    var data = (Map<?, ?>) Objects.requireNonNull(object.get("data"));
    return String.valueOf(data.get("epp.yaml"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"gateway", "standalone", "active-active-redis", "active-active-hazelcast"})
  void loads(String variant) throws Exception {
    EffectiveConfiguration configuration = Loading.load(configurationOf(variant));

    assertThat(configuration.warnings()).isEmpty();
    assertThat(configuration.scheduling().profiles()).hasSize(1);
    assertThat(configuration.dataLayer().discovery())
        .as("endpoints come from Kubernetes")
        .isEmpty();
  }

  @Test
  void theOneForTheConformanceSuiteLoads() throws Exception {
    String page = Files.readString(CHECKOUT.resolve("docs/conformance.md"));
    int begin = page.indexOf("```yaml\n") + "```yaml\n".length();

    assertThat(Loading.load(page.substring(begin, page.indexOf("```", begin))).warnings())
        .isEmpty();
  }
}
