package ai.llmd.epp.acceptance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.bootstrap.Validation;
import ai.llmd.epp.cli.CommandLineResult;
import ai.llmd.epp.cli.EppCommandLine;
import ai.llmd.epp.cli.Options;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the charts rendered is what Kubernetes, and the picker in it, take. */
class ChartObjectsTest {

  private static final String SETS = "ai.llmd.epp.acceptance.deploy.ValueSet#all";

  @TempDir Path folder;

  private static Stream<PodTemplateSpec> templates(Manifests rendered) {
    return Stream.concat(
        rendered.all(Deployment.class).map(pods -> pods.getSpec().getTemplate()),
        rendered.all(StatefulSet.class).map(pods -> pods.getSpec().getTemplate()));
  }

  private static Container picker(Manifests rendered) {
    return templates(rendered)
        .flatMap(pod -> pod.getSpec().getContainers().stream())
        .filter(container -> container.getName().equals("epp"))
        .findFirst()
        .orElseThrow();
  }

  /** The options that the rendered arguments come to, with {@code /config} in a folder. */
  private Options options(Manifests rendered) throws Exception {
    Map<String, String> files = new HashMap<>();
    rendered.all(ConfigMap.class).forEach(map -> files.putAll(map.getData()));
    for (Map.Entry<String, String> file : files.entrySet()) {
      // a variable that is set stands for the one that a Secret fills
      String text = file.getValue().replace("EPP_HASH_SECRET", "PATH");
      Files.writeString(folder.resolve(file.getKey()), text);
    }
    CommandLineResult result =
        EppCommandLine.parse(
            Map.of("NAMESPACE", "serving", "POD_NAME", "llm-epp-6d4b75cb6d-x7k2p"),
            picker(rendered).getArgs().stream()
                .map(argument -> argument.replace("/config/", folder + "/"))
                .toArray(String[]::new));
    assertThat(result).isInstanceOf(CommandLineResult.Run.class);
    return ((CommandLineResult.Run) result).options();
  }

  @ParameterizedTest
  @MethodSource(SETS)
  void thePickerTakesItsArgumentsAndItsConfiguration(ValueSet set) throws Exception {
    Validation.check(options(set.manifests()));
  }

  /** As the reference's charts render the same values, which the image's tests start. */
  @ParameterizedTest
  @CsvSource({
    "gateway/default, gateway: default",
    "gateway/active-passive, gateway: replicas 3",
    "gateway/active-active-by-flag, 'gateway: replicas 3, active-active'",
    "gateway/tracing, gateway: tracing",
    "gateway/metrics-without-auth, gateway: metrics without auth",
    "gateway/plain-text, gateway: plain text ext_proc",
    "gateway/own-configuration, gateway: own configuration",
    "gateway/payload-agnostic, gateway: any format",
    "gateway/istio, gateway: istio",
    "gateway/sglang, gateway: sglang",
    "gateway/triton, gateway: triton",
    "gateway/vllm-grpc, gateway: vllm over gRPC",
    "gateway/latency-predictor, gateway: latency predictor",
    "standalone/no-pool, 'standalone: two labels, two ports'",
    "standalone/agentgateway, standalone: agentgateway",
    "standalone/default, standalone: with a pool"
  })
  void theArgumentsAreTheReferencesAndHowLongToDrain(String set, String line) throws Exception {
    String chart = set.substring(0, set.indexOf('/'));
    Path lines = Manifests.DEPLOY.resolveSibling("image/src/test/resources/operators/charts.txt");
    String expected =
        Files.readAllLines(lines).stream()
            .filter(it -> it.startsWith(line + " | "))
            .map(it -> it.substring(it.lastIndexOf(" | ") + " | ".length()))
            .findFirst()
            .orElseThrow();
    List<String> rendered =
        new ArrayList<>(
            picker(new ValueSet(chart, set.substring(chart.length() + 1)).manifests()).getArgs());

    assertThat(rendered.remove("--drain-timeout=60s")).isTrue();
    assertThat(rendered).containsExactly(expected.split(" ", -1));
  }

  @ParameterizedTest
  @MethodSource(SETS)
  void noFieldIsUnknown(ValueSet set) {
    assertThat(set.manifests().objects())
        .isNotEmpty()
        .allSatisfy(object -> assertThat(UnknownFields.of(object)).isEmpty());
  }

  @ParameterizedTest
  @MethodSource(SETS)
  void everyObjectHasANameOfItsOwnInTheReleasesNamespace(ValueSet set) {
    List<HasMetadata> objects = set.manifests().objects();

    assertThat(objects)
        .extracting(object -> object.getKind() + "/" + object.getMetadata().getName())
        .doesNotHaveDuplicates();
    assertThat(objects)
        .filteredOn(object -> !object.getKind().startsWith("ClusterRole"))
        .extracting(object -> object.getMetadata().getNamespace())
        .containsOnly("serving");
  }

  @ParameterizedTest
  @MethodSource(SETS)
  void whatIsSelectedIsThere(ValueSet set) {
    Manifests rendered = set.manifests();
    List<Map<String, String>> pods =
        templates(rendered).map(pod -> pod.getMetadata().getLabels()).toList();
    List<Map<String, String>> selectors = new ArrayList<>();
    rendered
        .all(Deployment.class)
        .forEach(it -> selectors.add(it.getSpec().getSelector().getMatchLabels()));
    rendered
        .all(StatefulSet.class)
        .forEach(it -> selectors.add(it.getSpec().getSelector().getMatchLabels()));
    rendered
        .all(PodDisruptionBudget.class)
        .forEach(it -> selectors.add(it.getSpec().getSelector().getMatchLabels()));
    rendered
        .all(NetworkPolicy.class)
        .forEach(it -> selectors.add(it.getSpec().getPodSelector().getMatchLabels()));

    assertThat(selectors)
        .isNotEmpty()
        .allSatisfy(
            selector ->
                assertThat(pods)
                    .filteredOn(labels -> labels.entrySet().containsAll(selector.entrySet()))
                    .hasSize(1));
  }

  @ParameterizedTest
  @MethodSource(SETS)
  void servicesLeadToPortsThatPodsHave(ValueSet set) {
    Manifests rendered = set.manifests();
    Set<String> ports = new HashSet<>(Set.of("5557")); // an extra port of a container's own choice
    templates(rendered)
        .flatMap(pod -> pod.getSpec().getContainers().stream())
        .flatMap(container -> container.getPorts().stream())
        .forEach(port -> ports.addAll(List.of(name(port), port.getContainerPort().toString())));

    rendered
        .all(Service.class)
        .filter(service -> !service.getMetadata().getName().endsWith("-model-servers"))
        .flatMap(service -> service.getSpec().getPorts().stream())
        .forEach(port -> assertThat(ports).contains(port.getTargetPort().getValue().toString()));
  }

  private static String name(ContainerPort port) {
    return port.getName() == null ? "" : port.getName();
  }

  @ParameterizedTest
  @MethodSource(SETS)
  void everyVolumeThatIsMountedIsThere(ValueSet set) {
    templates(set.manifests())
        .map(PodTemplateSpec::getSpec)
        .forEach(
            pod ->
                assertThat(pod.getContainers())
                    .flatExtracting(Container::getVolumeMounts)
                    .extracting(VolumeMount::getName)
                    .isSubsetOf(pod.getVolumes().stream().map(Volume::getName).toList()));
  }

  @ParameterizedTest
  @MethodSource(SETS)
  void everyReferenceIsToAnObjectOfTheRelease(ValueSet set) {
    Manifests rendered = set.manifests();

    assertThat(
            templates(rendered)
                .flatMap(pod -> pod.getSpec().getVolumes().stream())
                .filter(volume -> volume.getConfigMap() != null)
                .map(volume -> volume.getConfigMap().getName()))
        .isSubsetOf(rendered.names("ConfigMap"));
    assertThat(rendered.all(RoleBinding.class).map(binding -> binding.getRoleRef().getName()))
        .isSubsetOf(rendered.names("Role"));
    assertThat(
            rendered.all(ClusterRoleBinding.class).map(binding -> binding.getRoleRef().getName()))
        .isSubsetOf(rendered.names("ClusterRole"));
    rendered
        .generic("InferencePool")
        .forEach(
            pool ->
                assertThat(rendered.names("Service"))
                    .contains(pool.<String>get("spec", "endpointPickerRef", "name")));
  }

  /** The rights of each mode are those of the manifests, which RightsTest holds against use. */
  @ParameterizedTest
  @MethodSource(SETS)
  void thePickerMayWhatItDoesAndNoMore(ValueSet set) {
    Manifests rendered = set.manifests();
    List<String> arguments = picker(rendered).getArgs();
    int bare = arguments.indexOf("--ha-enable-leader-election");
    boolean elects = bare >= 0 && !arguments.contains("--ha-enable-leader-election=false");
    boolean asks = !arguments.contains("--metrics-endpoint-auth=false");
    List<String> granted =
        Stream.concat(
                rendered.all(Role.class).flatMap(role -> role.getRules().stream()),
                rendered.all(ClusterRole.class).flatMap(role -> role.getRules().stream()))
            .filter(rule -> !rule.getResources().contains("secrets")) // of Google's collector
            .flatMap(ChartObjectsTest::grants)
            .toList();

    List<String> needed = new ArrayList<>(List.of("list pods", "watch pods", "create events"));
    if (arguments.contains("--pool-name")) {
      for (String verb : List.of("list", "watch")) {
        needed.addAll(List.of(verb + " inferencepools llm", verb + " inferenceobjectives"));
        needed.add(verb + " inferencemodelrewrites");
      }
    }
    if (elects) {
      String lease = " leases epp-serving-llm.llm-d.ai";
      needed.addAll(List.of("create leases", "get" + lease, "update" + lease));
    }
    if (asks) {
      needed.addAll(List.of("create tokenreviews", "create subjectaccessreviews"));
    }
    boolean isScraped =
        Stream.of("ServiceMonitor", "PodMonitoring").anyMatch(it -> !rendered.names(it).isEmpty());
    if (asks && isScraped) {
      needed.add("get /metrics");
    }
    assertThat(granted).containsExactlyInAnyOrderElementsOf(needed);
  }

  private static Stream<String> grants(PolicyRule rule) {
    List<String> what =
        Stream.concat(rule.getResources().stream(), rule.getNonResourceURLs().stream())
            .flatMap(
                resource ->
                    rule.getResourceNames().isEmpty()
                        ? Stream.of(resource)
                        : rule.getResourceNames().stream().map(name -> resource + " " + name))
            .toList();
    return rule.getVerbs().stream().flatMap(verb -> what.stream().map(it -> verb + " " + it));
  }

  /** One who waits is never ready: neither a rolling update nor a drained node would get on. */
  @ParameterizedTest
  @MethodSource(SETS)
  void leadersAreReplacedAtOnceAndOthersOneByOne(ValueSet set) {
    Manifests rendered = set.manifests();
    List<String> arguments = picker(rendered).getArgs();
    boolean elects =
        arguments.contains("--ha-enable-leader-election")
            && !arguments.contains("--ha-enable-leader-election=false");

    rendered
        .all(Deployment.class)
        .filter(pods -> pods.getMetadata().getName().equals("llm-epp"))
        .forEach(
            pods ->
                assertThat(pods.getSpec().getStrategy().getType())
                    .isEqualTo(elects ? "Recreate" : "RollingUpdate"));
    if (elects) {
      assertThat(rendered.names("PodDisruptionBudget")).doesNotContain("llm-epp");
    }
  }

  @Test
  void theExamplesModelServersAreTheOnesThatItsValuesSelect() throws Exception {
    Path example = Helm.CHARTS.resolve("examples/pd-disaggregation");
    List<HasMetadata> servers = Manifests.read(example.resolve("model-servers.yaml"));

    assertThat(new ValueSet("gateway", "pd-disaggregation").values())
        .hasSameTextualContentAs(example.resolve("values.yaml"));
    assertThat(servers)
        .hasSize(2)
        .allSatisfy(
            pods ->
                assertThat(((Deployment) pods).getSpec().getTemplate().getMetadata().getLabels())
                    .containsEntry("llm-d.ai/guide", "pd-disaggregation")
                    .containsKey("llm-d.ai/role"))
        .allSatisfy(pods -> assertThat(UnknownFields.of(pods)).isEmpty());
  }
}
