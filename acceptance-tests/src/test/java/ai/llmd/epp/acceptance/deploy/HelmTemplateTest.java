package ai.llmd.epp.acceptance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The charts, rendered by the real Helm. Recorded texts are written anew with {@code
 * -Dhelm.goal=apply}.
 */
@Execution(ExecutionMode.CONCURRENT)
class HelmTemplateTest {

  @TempDir Path folder;

  private static final String MATCH = "router.modelServers.matchLabels.app=vllm";

  static List<ValueSet> sets() {
    return ValueSet.all();
  }

  /**
   * Without what versions of Helm do differently (where a text is from, empty lines), and without
   * what is a file of its own and changes for reasons of its own: alerts and dashboard.
   */
  private static String normal(String rendered) {
    return rendered
        .lines()
        .map(String::stripTrailing)
        .filter(line -> !line.isEmpty() && !line.startsWith("# Source: "))
        .collect(Collectors.joining("\n", "", "\n"))
        .replaceAll("(?m)(^---\n)+", "---\n")
        .replaceAll("(?m)^  groups:\n(  [ -].*\n)+", "  groups: []\n")
        .replaceAll("(?m)^(  [\\w-]+dashboard.json): \\|\n(    .*\n)+", "$1: \"{}\"\n");
  }

  @Test
  void alertsAndDashboardAreTheFilesOfThisCheckout() throws Exception {
    Path rendered = folder.resolve("rendered.yaml");
    String monitoring = "router.monitoring.";
    Files.writeString(
        rendered,
        Helm.require()
            .template(
                "gateway",
                "--set",
                MATCH,
                "--set",
                monitoring + "rules.enabled=true," + monitoring + "dashboards.enabled=true")
            .out());
    Manifests objects = new Manifests("rendered", Manifests.read(rendered));

    assertThat(objects.generic("PrometheusRule").findFirst().orElseThrow().<Object>get("spec"))
        .isEqualTo(
            Manifests.of("monitoring")
                .generic("PrometheusRule")
                .findFirst()
                .orElseThrow()
                .<Object>get("spec"));
    assertThat(objects.only(ConfigMap.class, "llm-epp-dashboard").getData())
        .containsEntry(
            "llm-epp-dashboard.json",
            Files.readString(Helm.CHARTS.resolve("lib/files/dashboard.json")));
  }

  @ParameterizedTest
  @MethodSource("sets")
  void rendersAsRecorded(ValueSet set) throws Exception {
    Helm.Result result = Helm.require().template(set.chart(), "-f", set.values().toString());

    assertThat(result.status()).as(result.err()).isZero();
    if ("apply".equals(System.getProperty("helm.goal"))) {
      Files.writeString(set.rendered(), normal(result.out()));
    }
    assertThat(normal(result.out())).isEqualTo(Files.readString(set.rendered()));
  }

  /** Helm deletes what is set to null; lists and maps that are empty by default may be. */
  @Test
  void emptyIsAsIfAbsent() throws Exception {
    String empty =
        Stream.of(
                "pluginsConfig pluginsCustomConfig flags env parsers podAnnotations tolerations"
                    .split(" ", -1))
            .map(key -> "router.epp." + key + "=null")
            .collect(Collectors.joining(","));

    assertThat(rendered("--set", empty)).isEqualTo(rendered());
  }

  /** Pods are replaced when their template changes; the picker follows the file by itself. */
  @Test
  void aChangedConfigurationLeavesThePodsAsTheyAre() throws Exception {
    String weight = "router.epp.pluginsConfig.schedulingProfiles[0].plugins[0].weight=";
    String before = rendered("--set", weight + "1");
    String after = rendered("--set", weight + "2");

    assertThat(after).isNotEqualTo(before);
    assertThat(document(after, "Deployment")).isEqualTo(document(before, "Deployment"));
  }

  @Test
  void aChangedConfigurationReplacesThePodsWhereThatIsAskedFor() throws Exception {
    String flags = "router.epp.checksums=true,router.modelServers.type=";

    assertThat(document(rendered("--set", flags + "vllm"), "Deployment"))
        .isNotEqualTo(document(rendered("--set", flags + "sglang"), "Deployment"));
  }

  private static String rendered(String... more) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("--set", MATCH));
    arguments.addAll(List.of(more));
    Helm.Result result = Helm.require().template("gateway", arguments.toArray(String[]::new));
    assertThat(result.status()).as(result.err()).isZero();
    return result.out();
  }

  private static String document(String rendered, String kind) {
    return Stream.of(rendered.split("(?m)^---$", -1))
        .filter(document -> document.contains("\nkind: " + kind + "\n"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void manyNeedsAreRendered() {
    assertThat(sets()).hasSizeGreaterThanOrEqualTo(30);
  }

  /** What is set, for which chart, and what the refusal contains. */
  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of("gateway", "router.epp.replica=3", "'/epp': additional properties 'replica'"),
        Arguments.of("gateway", "router.epp.replicas=many", "'/epp/replicas': got string"),
        Arguments.of("gateway", "router.epp.replicas=0", "'/epp/replicas': minimum"),
        Arguments.of("gateway", "router.epp.resources=null", "missing property 'resources'"),
        Arguments.of(
            "gateway", "router.epp.resources.requests.cpu=null", "/epp/resources/requests"),
        Arguments.of("gateway", "router.epp.extProcPort=70000", "'/epp/extProcPort'"),
        Arguments.of("gateway", "router.epp.stateStore.type=etcd", "'/epp/stateStore/type'"),
        Arguments.of(
            "gateway", "router.epp.stateStore.redis.uri=localhost", "'/epp/stateStore/redis/uri'"),
        Arguments.of("gateway", "router.epp.flags.Bad_Flag=1", "/epp/flags"),
        Arguments.of("gateway", "router.inferencePool.failureMode=Open", "failureMode"),
        Arguments.of("gateway", "router.modelServers.type=tgi", "'/modelServers/type'"),
        Arguments.of("gateway", "router.modelServers.targetPorts=null", "targetPorts"),
        Arguments.of("gateway", "router.monitoring.interval=often", "'/monitoring/interval'"),
        Arguments.of("gateway", "router.tracing.enabled=perhaps", "'/tracing/enabled'"),
        Arguments.of("gateway", "provider.name=nginx", "'/provider/name'"),
        Arguments.of("gateway", "httpRoute.requestTimeout=soon", "'/httpRoute/requestTimeout'"),
        Arguments.of("gateway", "inferenceExtension.replicas=1", "'inferenceExtension' not"),
        Arguments.of("gateway", "inferencePool.targetPorts=1", "'inferencePool' not"),
        Arguments.of("gateway", "experimentalHttpRoute.enabled=true", "'experimentalHttpRoute'"),
        Arguments.of("standalone", "httpRoute.create=true", "'httpRoute' not"),
        Arguments.of("standalone", "router.proxy.mode=daemon", "'/proxy/mode'"),
        Arguments.of("standalone", "router.proxy.envoyMode=fast", "'/proxy/envoyMode'"),
        Arguments.of("standalone", "router.proxy.failOpen=often", "'/proxy/failOpen'"),
        Arguments.of("standalone", "router.proxy.agentgateway.x=1", "'agentgateway' not"),
        Arguments.of("gateway", "router.modelServers.matchLabels=null", "matchLabels is required"),
        Arguments.of(
            "standalone",
            "router.modelServers.matchLabels=null,router.inferencePool.create=false",
            "matchLabels is required"),
        Arguments.of(
            "standalone",
            "router.inferencePool.create=false,router.inferenceObjectives[0].name=a,router.inferenceObjectives[0].priority=1",
            "inferenceObjectives needs"),
        Arguments.of("gateway", "router.tokenizer.enabled=true", "modelName is required"),
        Arguments.of(
            "gateway",
            "router.tokenizer.enabled=true,router.tokenizer.modelName=m,router.latencyPredictor.enabled=true",
            "both 8000"),
        Arguments.of(
            "gateway", "router.epp.autoscaling.enabled=true", "needs replicas that all serve"),
        Arguments.of(
            "gateway",
            "router.epp.stateStore.type=redis,router.epp.autoscaling.enabled=true,router.epp.autoscaling.minReplicas=7",
            "minReplicas is above maxReplicas"),
        Arguments.of("gateway", "router.epp.pluginsConfigFile=mine.yaml", "which is none of"),
        Arguments.of(
            "gateway",
            "router.epp.pluginsConfig.kind=a,router.epp.pluginsCustomConfig.default-plugins\\.yaml=b",
            "both have default-plugins.yaml"),
        Arguments.of(
            "gateway",
            "router.epp.stateStore.type=redis,router.epp.pluginsConfig.stateStore.type=redis",
            "write it once"),
        Arguments.of(
            "standalone",
            "router.proxy.mode=service,router.extraServicePorts[0].name=web,router.extraServicePorts[0].port=80",
            "needs a port named http"),
        Arguments.of(
            "standalone", "router.proxy.priorityRouting.enabled=true", "needs router.proxy.mode"),
        Arguments.of(
            "standalone",
            "router.proxy.mode=service,router.proxy.priorityRouting.enabled=true,router.epp.flags.health-checking=false",
            "do not switch it off"),
        Arguments.of(
            "standalone",
            "router.proxy.mode=service,router.proxy.priorityRouting.enabled=true,router.epp.stateStore.type=redis",
            "two ways to survive"),
        Arguments.of(
            "standalone", "router.proxy.proxyType=agentgateway", "inferencePool.create=false"),
        Arguments.of(
            "standalone",
            "router.proxy.proxyType=agentgateway,router.inferencePool.create=false,router.epp.flags.secure-serving=true",
            "without TLS"),
        Arguments.of(
            "standalone",
            "router.proxy.proxyType=agentgateway,router.inferencePool.create=false,router.extraServicePorts[0].name=http,router.extraServicePorts[0].port=80,router.extraServicePorts[0].targetPort=8081",
            "targetPort must be 80"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void refusesWithTheReason(String chart, String set, String reason) throws Exception {
    Helm.Result result = Helm.require().template(chart, "--set", MATCH, "--set", set);

    assertThat(result.status()).as(result.out()).isNotZero();
    assertThat(result.err()).contains(reason);
  }

  /** Another release in another namespace takes no object of the first one's. */
  @Test
  void namesOfNoNamespaceCarryOne() throws Exception {
    String rendered =
        Helm.require()
            .template(
                "gateway", "--set", MATCH, "--set", "router.monitoring.prometheus.enabled=true")
            .out();

    assertThat(rendered)
        .contains("name: llm-serving-epp\n", "name: llm-serving-epp-metrics-reader");
  }
}
