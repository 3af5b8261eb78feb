package ai.llmd.epp.acceptance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every name that a manifest mentions is one that the same variant has. */
class ManifestsTest {

  static Stream<Manifests> variants() {
    return Stream.of("gateway", "active-active-redis", "active-active-hazelcast", "standalone")
        .map(Manifests::of);
  }

  private static boolean matches(Map<String, String> selector, HasMetadata object) {
    return podLabels(object).entrySet().containsAll(selector.entrySet());
  }

  private static Map<String, String> podLabels(HasMetadata object) {
    return ((Deployment) object).getSpec().getTemplate().getMetadata().getLabels();
  }

  @Test
  void everyFileIsListedByItsFolder() throws IOException {
    try (Stream<Path> files = Files.walk(Manifests.DEPLOY)) {
      List<Path> kustomizations =
          files.filter(file -> file.endsWith("kustomization.yaml")).toList();
      assertThat(kustomizations).hasSizeGreaterThanOrEqualTo(9);
      for (Path kustomization : kustomizations) {
        Path folder = kustomization.resolveSibling("");
        assertThat(Manifests.resources(folder))
            .allSatisfy(resource -> assertThat(folder.resolve(resource)).exists());
        try (Stream<Path> beside = Files.list(folder)) {
          assertThat(beside.map(file -> file.getFileName().toString()))
              .filteredOn(name -> !name.equals("kustomization.yaml"))
              .filteredOn(name -> !Manifests.configurations(folder).contains(name))
              .isSubsetOf(Manifests.resources(folder));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void noNameIsTakenTwice(Manifests variant) {
    assertThat(variant.objects())
        .extracting(object -> object.getKind() + "/" + object.getMetadata().getName())
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyDeploymentSelectsItsOwnPods(Manifests variant) {
    assertThat(variant.all(Deployment.class))
        .isNotEmpty()
        .allMatch(
            deployment -> matches(deployment.getSpec().getSelector().getMatchLabels(), deployment));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyServiceLeadsToOneDeploymentAndItsPorts(Manifests variant) {
    assertThat(variant.all(Service.class)).isNotEmpty();
    variant
        .all(Service.class)
        .forEach(
            service -> {
              List<Deployment> served =
                  variant
                      .all(Deployment.class)
                      .filter(pods -> matches(service.getSpec().getSelector(), pods))
                      .toList();
              assertThat(served).as(service.getMetadata().getName()).hasSize(1);
              assertThat(service.getSpec().getPorts())
                  .extracting(port -> port.getTargetPort().getStrVal())
                  .isSubsetOf(portNames(served.getFirst()));
            });
  }

  private static List<String> portNames(Deployment deployment) {
    return deployment.getSpec().getTemplate().getSpec().getContainers().stream()
        .flatMap(container -> container.getPorts().stream())
        .map(ContainerPort::getName)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("variants")
  void thePickersServiceDeclaresTheProtocolOfItsPort(Manifests variant) {
    List<ServicePort> ports = variant.only(Service.class, "epp").getSpec().getPorts();

    assertThat(ports)
        .filteredOn(port -> port.getPort() == 9002)
        .allMatch(port -> port.getAppProtocol().equals("http2"));
    assertThat(ports).extracting(ServicePort::getPort).contains(9090);
  }

  @ParameterizedTest
  @MethodSource("variants")
  void budgetsAndPoliciesSelectPodsThatThereAre(Manifests variant) {
    Stream<Map<String, String>> selectors =
        Stream.concat(
            variant
                .all(PodDisruptionBudget.class)
                .map(budget -> budget.getSpec().getSelector().getMatchLabels()),
            variant
                .all(NetworkPolicy.class)
                .map(policy -> policy.getSpec().getPodSelector().getMatchLabels()));
    assertThat(selectors)
        .allMatch(
            selector -> variant.all(Deployment.class).anyMatch(pods -> matches(selector, pods)));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void metricsAreForScrapersAlone(Manifests variant) {
    List<NetworkPolicyIngressRule> admitting =
        variant
            .all(NetworkPolicy.class)
            .filter(
                policy ->
                    "epp"
                        .equals(
                            policy
                                .getSpec()
                                .getPodSelector()
                                .getMatchLabels()
                                .get("app.kubernetes.io/name")))
            .flatMap(policy -> policy.getSpec().getIngress().stream())
            .filter(
                rule ->
                    rule.getPorts().isEmpty()
                        || rule.getPorts().stream()
                            .anyMatch(port -> port.getPort().getIntVal() == 9090))
            .toList();
    assertThat(admitting).isNotEmpty().noneMatch(rule -> rule.getFrom().isEmpty());
  }

  @Test
  void aBudgetKeepsNoNodeFromBeingDrainedWhereOnlyTheLeaderIsReady() {
    assertThat(Manifests.of("gateway").all(PodDisruptionBudget.class)).isEmpty();
    assertThat(
            Manifests.of("gateway").only(Deployment.class, "epp").getSpec().getStrategy().getType())
        .isEqualTo("Recreate");
  }

  @ParameterizedTest
  @MethodSource("variants")
  void accountsVolumesAndRolesExist(Manifests variant) {
    List<String> accounts = variant.names("ServiceAccount");
    assertThat(variant.all(Deployment.class))
        .extracting(pods -> pods.getSpec().getTemplate().getSpec())
        .allSatisfy(
            pod -> {
              if (pod.getServiceAccountName() != null) {
                assertThat(accounts).contains(pod.getServiceAccountName());
              }
              assertThat(pod.getVolumes().stream().map(Volume::getConfigMap))
                  .filteredOn(map -> map != null)
                  .extracting(map -> map.getName())
                  .isSubsetOf(variant.names("ConfigMap"));
            });
    assertThat(variant.all(RoleBinding.class).map(RoleBinding::getRoleRef))
        .allSatisfy(role -> variant.only(Role.class, role.getName()));
    assertThat(variant.all(ClusterRoleBinding.class).map(ClusterRoleBinding::getRoleRef))
        .allSatisfy(role -> variant.only(ClusterRole.class, role.getName()));
    assertThat(
            Stream.concat(
                variant.all(RoleBinding.class).flatMap(binding -> binding.getSubjects().stream()),
                variant
                    .all(ClusterRoleBinding.class)
                    .flatMap(binding -> binding.getSubjects().stream())))
        .extracting(Subject::getName)
        .isSubsetOf(accounts);
  }

  @ParameterizedTest
  @MethodSource("variants")
  void aRoleGrantsNoMoreThanIsNeeded(Manifests variant) {
    List<PolicyRule> rules =
        Stream.concat(
                variant.all(Role.class).flatMap(role -> role.getRules().stream()),
                variant.all(ClusterRole.class).flatMap(role -> role.getRules().stream()))
            .toList();

    assertThat(rules)
        .allSatisfy(
            rule -> {
              assertThat(rule.getApiGroups()).doesNotContain("*");
              assertThat(rule.getResources()).doesNotContain("*", "secrets", "configmaps");
              assertThat(rule.getVerbs()).doesNotContain("*");
            });
    assertThat(rules)
        .filteredOn(rule -> rule.getVerbs().contains("update"))
        .flatExtracting(PolicyRule::getResources)
        .isSubsetOf("leases");
    boolean electsLeader = variant.folder().equals("gateway");
    assertThat(rules).flatExtracting(PolicyRule::getResources).contains("pods");
    assertThat(rules.stream().anyMatch(rule -> rule.getResources().contains("leases")))
        .isEqualTo(electsLeader);
    assertThat(rules.stream().anyMatch(rule -> rule.getResources().contains("inferencepools")))
        .isEqualTo(!variant.folder().equals("standalone"));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void thePoolNamesThePickersServiceAndTheRouteThePool(Manifests variant) {
    for (GenericKubernetesResource pool : variant.generic("InferencePool").toList()) {
      String picker = pool.get("spec", "endpointPickerRef", "name");
      int port = pool.get("spec", "endpointPickerRef", "port", "number");
      assertThat(variant.only(Service.class, picker).getSpec().getPorts())
          .extracting(ServicePort::getPort)
          .contains(port);
      assertThat(pool.<String>get("spec", "endpointPickerRef", "failureMode"))
          .isEqualTo("FailOpen");
    }
    for (GenericKubernetesResource route : variant.generic("HTTPRoute").toList()) {
      assertThat(route.<String>get("spec", "rules", 0, "backendRefs", 0, "kind"))
          .isEqualTo("InferencePool");
      assertThat(variant.names("InferencePool"))
          .contains(route.<String>get("spec", "rules", 0, "backendRefs", 0, "name"));
    }
    assertThat(variant.names("InferencePool"))
        .hasSize(variant.folder().equals("standalone") ? 0 : 1);
  }

  @Test
  void theMonitorReadsAPortOfTheServiceWithATokenThatMayReadIt() {
    Manifests monitoring = Manifests.of("monitoring");
    Service service = Manifests.of("gateway").only(Service.class, "epp");
    GenericKubernetesResource monitor =
        monitoring.generic("ServiceMonitor").findFirst().orElseThrow();

    assertThat(service.getMetadata().getLabels().entrySet())
        .containsAll(
            monitor.<Map<String, String>>get("spec", "selector", "matchLabels").entrySet());
    assertThat(service.getSpec().getPorts())
        .extracting(ServicePort::getName)
        .contains(monitor.<String>get("spec", "endpoints", 0, "port"));
    Secret token =
        monitoring.only(
            Secret.class,
            monitor.get("spec", "endpoints", 0, "authorization", "credentials", "name"));
    String reader =
        Objects.requireNonNull(
            token.getMetadata().getAnnotations().get("kubernetes.io/service-account.name"));
    monitoring.only(ServiceAccount.class, reader);
    ClusterRoleBinding binding = monitoring.all(ClusterRoleBinding.class).findFirst().orElseThrow();
    assertThat(binding.getSubjects()).extracting(Subject::getName).containsExactly(reader);
    assertThat(monitoring.only(ClusterRole.class, binding.getRoleRef().getName()).getRules())
        .singleElement()
        .satisfies(
            rule -> {
              assertThat(rule.getNonResourceURLs()).containsExactly("/metrics");
              assertThat(rule.getVerbs()).containsExactly("get");
            });
  }

  @Test
  void theMembersOfAHazelcastClusterFindEachOtherBeforeTheyAreReady() {
    Service members = Manifests.of("active-active-hazelcast").only(Service.class, "epp-members");

    assertThat(members.getSpec().getClusterIP()).isEqualTo("None");
    assertThat(members.getSpec().getPublishNotReadyAddresses()).isTrue();
    assertThat(configuration("active-active-hazelcast"))
        .contains(
            "serviceDns: epp-members",
            "port: " + members.getSpec().getPorts().getFirst().getPort());
  }

  @Test
  void theRedisThatIsConfiguredIsTheOneThatIsDeployed() {
    Service redis = Manifests.of("active-active-redis").only(Service.class, "epp-redis");

    assertThat(configuration("active-active-redis"))
        .contains("uri: redis://epp-redis:" + redis.getSpec().getPorts().getFirst().getPort());
  }

  private static String configuration(String variant) {
    return Objects.requireNonNull(
        Manifests.of(variant).only(ConfigMap.class, "epp-config").getData().get("epp.yaml"));
  }
}
