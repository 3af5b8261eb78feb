package ai.llmd.epp.acceptance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.cli.CommandLineResult;
import ai.llmd.epp.cli.EppCommandLine;
import ai.llmd.epp.cli.Options;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the pods of every variant may do, and how the picker in them is started and stopped. */
class DeployedPodsTest {

  private static final String VARIANTS = "ai.llmd.epp.acceptance.deploy.ManifestsTest#variants";

  private static PodSpec pod(Manifests variant) {
    return variant.only(Deployment.class, "epp").getSpec().getTemplate().getSpec();
  }

  private static Container picker(Manifests variant) {
    return pod(variant).getContainers().getFirst();
  }

  private static Options options(Manifests variant) {
    CommandLineResult result =
        EppCommandLine.parse(
            Map.of("NAMESPACE", "default", "POD_NAME", "epp-6d4b75cb6d-x7k2p"),
            picker(variant).getArgs().stream()
                .map(argument -> expanded(argument, picker(variant)))
                .toArray(String[]::new));
    assertThat(result).isInstanceOf(CommandLineResult.Run.class);
    return ((CommandLineResult.Run) result).options();
  }

  /** As kubelets do, for variables that have a value. */
  private static String expanded(String argument, Container container) {
    String expanded = argument;
    for (EnvVar variable : container.getEnv()) {
      if (variable.getValue() != null) {
        expanded = expanded.replace("$(" + variable.getName() + ")", variable.getValue());
      }
    }
    assertThat(expanded).doesNotContain("$(");
    return expanded;
  }

  @ParameterizedTest
  @MethodSource(VARIANTS)
  void everyFlagExistsAndIsTaken(Manifests variant) {
    assertThat(options(variant).server().drainTimeout()).isPositive();
  }

  @ParameterizedTest
  @MethodSource(VARIANTS)
  void thePortsAreThoseThatThePickerListensTo(Manifests variant) {
    Options options = options(variant);

    assertThat(picker(variant).getPorts())
        .extracting(ContainerPort::getContainerPort)
        .contains(
            options.server().grpcPort(), options.server().healthPort(), options.metrics().port());
    assertThat(picker(variant).getReadinessProbe().getGrpc().getPort())
        .isEqualTo(options.server().healthPort());
    assertThat(picker(variant).getReadinessProbe().getGrpc().getService()).isEqualTo("readiness");
  }

  @ParameterizedTest
  @MethodSource(VARIANTS)
  void theConfigurationFileIsAKeyOfTheMountedConfigMap(Manifests variant) {
    Path file = Path.of(options(variant).configuration().file());
    VolumeMount mount =
        picker(variant).getVolumeMounts().stream()
            .filter(volume -> file.startsWith(volume.getMountPath()))
            .findFirst()
            .orElseThrow();
    String map =
        pod(variant).getVolumes().stream()
            .filter(volume -> volume.getName().equals(mount.getName()))
            .map(volume -> volume.getConfigMap().getName())
            .findFirst()
            .orElseThrow();

    assertThat(variant.only(ConfigMap.class, map).getData())
        .containsKey(Path.of(mount.getMountPath()).relativize(file).toString());
  }

  @ParameterizedTest
  @MethodSource(VARIANTS)
  void thePodLivesLongerThanThePickerDrains(Manifests variant) {
    assertThat(pod(variant).getTerminationGracePeriodSeconds())
        .as("new streams are taken for that long, then open ones may last as long again")
        .isGreaterThan(2 * options(variant).server().drainTimeout().toSeconds());
  }

  @ParameterizedTest
  @MethodSource(VARIANTS)
  void noContainerMayMoreThanItNeeds(Manifests variant) {
    variant
        .all(Deployment.class)
        .map(deployment -> deployment.getSpec().getTemplate().getSpec())
        .forEach(
            pod -> {
              assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
              assertThat(pod.getSecurityContext().getRunAsUser()).isPositive();
              assertThat(pod.getSecurityContext().getSeccompProfile().getType())
                  .isEqualTo("RuntimeDefault");
              assertThat(pod.getContainers()).allSatisfy(container -> assertIsConfined(container));
            });
    assertThat(pod(variant).getSecurityContext().getRunAsUser())
        .as("the user of the image")
        .isEqualTo(65532L);
  }

  private static void assertIsConfined(Container container) {
    SecurityContext context = container.getSecurityContext();
    assertThat(context.getAllowPrivilegeEscalation()).isFalse();
    assertThat(context.getReadOnlyRootFilesystem()).isTrue();
    assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
    assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
    assertThat(container.getResources().getLimits()).containsKey("memory");
    assertThat(container.getReadinessProbe()).isNotNull();
  }

  @ParameterizedTest
  @MethodSource(VARIANTS)
  void everyVolumeThatIsMountedIsThere(Manifests variant) {
    PodSpec pod = pod(variant);
    List<String> volumes = pod.getVolumes().stream().map(volume -> volume.getName()).toList();

    assertThat(pod.getContainers())
        .flatExtracting(Container::getVolumeMounts)
        .extracting(VolumeMount::getName)
        .isSubsetOf(volumes);
  }

  @ParameterizedTest
  @MethodSource(VARIANTS)
  void replicasSpreadOverNodes(Manifests variant) {
    assertThat(variant.only(Deployment.class, "epp").getSpec().getReplicas()).isEqualTo(2);
    assertThat(pod(variant).getTopologySpreadConstraints())
        .extracting(constraint -> constraint.getTopologyKey())
        .contains("kubernetes.io/hostname");
  }

  /** Written twice, so that kubectl is enough; kept alike here. */
  @Test
  void theDeploymentsDifferOnlyInWhatTheVariantsDo() {
    Container one = picker(Manifests.of("gateway"));
    Container all = picker(Manifests.of("active-active-redis"));
    Container alone = picker(Manifests.of("standalone"));

    List<String> withoutElection = new ArrayList<>(one.getArgs());
    assertThat(withoutElection.remove("--ha-enable-leader-election")).isTrue();
    assertThat(withoutElection).isEqualTo(all.getArgs());
    assertThat(all.getArgs().subList(1, 3)).isEqualTo(alone.getArgs().subList(2, 4));
    for (Container other : List.of(all, alone)) {
      assertThat(other)
          .usingRecursiveComparison()
          .ignoringFields("args", "ports", "env")
          .isEqualTo(one);
      assertThat(one.getEnv()).containsAll(other.getEnv());
    }
  }

  /** Whoever fills the metrics port must not have the pod restarted. */
  @ParameterizedTest
  @MethodSource(VARIANTS)
  void isAliveByTheHealthPort(Manifests variant) {
    Container picker = picker(variant);
    assertThat(picker.getLivenessProbe().getHttpGet()).isNull();
    assertThat(picker.getLivenessProbe().getGrpc().getPort())
        .isEqualTo(options(variant).server().healthPort());
    assertThat(picker.getLivenessProbe().getGrpc().getService()).isEqualTo("livez");
    assertThat(picker.getStartupProbe().getGrpc()).isEqualTo(picker.getLivenessProbe().getGrpc());
  }
}
