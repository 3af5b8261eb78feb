package ai.llmd.epp.acceptance.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What kubectl makes of the variants, where there is one; nothing is asked of a cluster. */
class KustomizeTest {

  @TempDir Path folder;

  @BeforeAll
  static void needsKubectl() {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "kubectl"))),
        "no kubectl on the PATH");
  }

  /** A copy of all manifests, since kustomize reads from below its root alone. */
  private Path copy() throws IOException {
    Path copy = folder.resolve("deploy");
    try (Stream<Path> files = Files.walk(Manifests.DEPLOY)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(Manifests.DEPLOY.relativize(file).toString()));
      }
    }
    return copy;
  }

  private Manifests rendered(Path of) throws IOException, InterruptedException {
    Path output = folder.resolve("rendered.yaml");
    Process kubectl =
        new ProcessBuilder("kubectl", "kustomize", of.toString())
            .redirectOutput(output.toFile())
            .redirectErrorStream(true)
            .start();
    assertThat(kubectl.waitFor()).as(Files.readString(output)).isZero();
    return new Manifests(of.getFileName().toString(), Manifests.read(output));
  }

  private static void assertClusterNamesEndWith(String namespace, Manifests manifests) {
    List<HasMetadata> ofNoNamespace =
        Stream.<HasMetadata>concat(
                manifests.all(ClusterRole.class), manifests.all(ClusterRoleBinding.class))
            .toList();
    assertThat(ofNoNamespace)
        .hasSize(2)
        .allMatch(object -> object.getMetadata().getName().endsWith("." + namespace));
    assertThat(manifests.all(ClusterRoleBinding.class))
        .allSatisfy(
            binding -> {
              manifests.only(ClusterRole.class, binding.getRoleRef().getName());
              assertThat(binding.getSubjects())
                  .allMatch(subject -> subject.getNamespace().equals(namespace));
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gateway",
        "active-active-redis",
        "active-active-hazelcast",
        "standalone",
        "monitoring"
      })
  void namesWithoutANamespaceEndWithThePickers(String variant) throws Exception {
    Path copy = copy();
    assertClusterNamesEndWith("default", rendered(copy.resolve(variant)));

    Path kustomization = copy.resolve(variant).resolve("kustomization.yaml");
    Files.writeString(
        kustomization,
        Files.readString(kustomization).replace("namespace: default", "namespace: team-b"));

    assertClusterNamesEndWith("team-b", rendered(copy.resolve(variant)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gateway", "active-active-redis", "active-active-hazelcast"})
  void namesGoTogetherWhateverThePrefix(String variant) throws Exception {
    Path overlay = Files.createDirectory(copy().resolve("overlay"));
    Files.writeString(
        overlay.resolve("kustomization.yaml"),
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        namePrefix: b-
        resources: [../%s]
        """
            .formatted(variant));

    Manifests manifests = rendered(overlay);

    GenericKubernetesResource pool = manifests.generic("InferencePool").findFirst().orElseThrow();
    GenericKubernetesResource route = manifests.generic("HTTPRoute").findFirst().orElseThrow();
    assertThat(pool.getMetadata().getName()).isEqualTo("b-llm");
    assertThat(pool.<String>get("spec", "endpointPickerRef", "name")).isEqualTo("b-epp");
    assertThat(route.<String>get("spec", "rules", 0, "backendRefs", 0, "name")).isEqualTo("b-llm");
    assertThat(manifests.only(Role.class, "b-epp").getRules())
        .filteredOn(rule -> rule.getResources().contains("inferencepools"))
        .allMatch(rule -> rule.getResourceNames().equals(List.of("b-llm")));
    assertThat(
            manifests
                .only(Deployment.class, "b-epp")
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getEnv())
        .filteredOn(variable -> variable.getName().equals("POOL_NAME"))
        .allMatch(variable -> variable.getValue().equals("b-llm"))
        .hasSize(1);
  }

  @Test
  void everythingIsInANamespace() throws Exception {
    for (String variant : List.of("gateway", "standalone", "monitoring", "istio")) {
      assertThat(rendered(Manifests.DEPLOY.resolve(variant)).objects())
          .filteredOn(object -> !object.getKind().startsWith("Cluster"))
          .as(variant)
          .allMatch(object -> "default".equals(object.getMetadata().getNamespace()));
    }
  }
}
