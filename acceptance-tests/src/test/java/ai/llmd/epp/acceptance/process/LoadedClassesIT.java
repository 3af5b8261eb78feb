package ai.llmd.epp.acceptance.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program loads that has no use for Kubernetes. */
class LoadedClassesIT {

  @TempDir Path folder;

  @Test
  void haveNoKubernetesClientAmongThemWhereAFileNamesTheEndpoints() throws Exception {
    Path loaded = folder.resolve("classes.txt");
    Path config = Configurations.write(folder, Configurations.good(folder));
    try (EppProgram epp =
        EppProgram.start(
            folder,
            Map.of("JAVA_OPTS", "-Xlog:class+load:file=" + loaded),
            "--config-file=" + config,
            "--pool-name=p",
            "--grpc-port=0",
            "--grpc-health-port=0",
            "--metrics-port=0")) {
      epp.awaitServing();
      epp.terminate();
      assertThat(epp.exitCode()).isZero();
    }
    assertThat(Files.readAllLines(loaded))
        .anyMatch(line -> line.contains("ai.llmd.epp.bootstrap.EndpointPicker "))
        .noneMatch(line -> line.contains("io.fabric8."))
        .noneMatch(line -> line.contains("ai.llmd.epp.adapter.k8s.KubernetesPool "));
  }
}
