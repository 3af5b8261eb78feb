package ai.llmd.epp.acceptance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.stack.EnvoyBinary;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The real Envoy reads what the charts rendered for it. */
class ChartEnvoyIT {

  @TempDir Path folder;

  private static List<String> files(ValueSet set) {
    return set.manifests()
        .all(ConfigMap.class)
        .map(map -> map.getData().get("envoy.yaml"))
        .filter(Objects::nonNull)
        .toList();
  }

  static List<ValueSet> withEnvoy() {
    return ValueSet.all().stream().filter(set -> !files(set).isEmpty()).toList();
  }

  @ParameterizedTest
  @MethodSource("withEnvoy")
  void isTaken(ValueSet set) throws Exception {
    Path file = Files.writeString(folder.resolve("envoy.yaml"), files(set).getFirst());
    Path log = folder.resolve("log");
    int status =
        new ProcessBuilder(EnvoyBinary.require(), "--mode", "validate", "-c", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();

    assertThat(status).as(Files.readString(log)).isZero();
  }
}
