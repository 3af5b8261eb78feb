package ai.llmd.epp.acceptance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.commandline.FlagParser;
import ai.llmd.epp.commandline.ParsedFlags;
import ai.llmd.epp.sidecar.cli.SettingsReader;
import ai.llmd.epp.sidecar.cli.SidecarFlags;
import ai.llmd.epp.sidecar.cli.SidecarSettings;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pods for prompts and pods for answers fit the pool, the picker and each other. */
class DisaggregationManifestsTest {

  private static final String ROLE = "llm-d.ai/role";

  private final Manifests manifests = Manifests.of("disaggregation");
  private final GenericKubernetesResource pool =
      manifests.generic("InferencePool").findFirst().orElseThrow();

  private PodTemplateSpec pods(String role) {
    return manifests.only(Deployment.class, "vllm-" + role).getSpec().getTemplate();
  }

  private int poolPort() {
    return pool.get("spec", "targetPorts", 0, "number");
  }

  private static String flag(Container container, String name) {
    return container.getArgs().stream()
        .filter(argument -> argument.startsWith("--" + name + "="))
        .map(argument -> argument.substring(name.length() + 3))
        .findFirst()
        .orElseThrow();
  }

  private SidecarSettings sidecar() {
    Container sidecar = pods("decode").getSpec().getInitContainers().getFirst();
    ParsedFlags parsed =
        new FlagParser("pd-sidecar", "", SidecarFlags.ALL)
            .parse(sidecar.getArgs().toArray(String[]::new));
    assertThat(parsed).isInstanceOf(ParsedFlags.Given.class);
    return SettingsReader.read(((ParsedFlags.Given) parsed).flags(), Map.of("POD_IP", "10.0.0.1"));
  }

  @Test
  void thePoolHasPodsOfBothRoles() {
    Map<String, String> selector = pool.get("spec", "selector", "matchLabels");
    for (String role : List.of("prefill", "decode")) {
      assertThat(pods(role).getMetadata().getLabels()).containsAllEntriesOf(selector);
      assertThat(pods(role).getMetadata().getLabels()).containsEntry(ROLE, role);
    }
  }

  @Test
  void requestsComeToTheSidecarAndGoToTheEngineBehindIt() {
    Container engine = pods("decode").getSpec().getContainers().getFirst();

    assertThat(sidecar().port()).isEqualTo(poolPort());
    assertThat(flag(engine, "port")).isEqualTo("" + sidecar().modelServerPort());
    assertThat(pods("decode").getSpec().getInitContainers().getFirst().getRestartPolicy())
        .isEqualTo("Always");
  }

  @Test
  void promptsComeToTheEngineItself() {
    Container engine = pods("prefill").getSpec().getContainers().getFirst();

    assertThat(flag(engine, "port")).isEqualTo("" + poolPort());
  }

  @Test
  void bothEnginesExchangeBlocksAsTheSidecarExpects() {
    Container prefill = pods("prefill").getSpec().getContainers().getFirst();
    Container decode = pods("decode").getSpec().getContainers().getFirst();

    assertThat(sidecar().connectors().kv().flag()).isEqualTo("nixlv2");
    assertThat(flag(prefill, "kv-transfer-config"))
        .contains("NixlConnector")
        .isEqualTo(flag(decode, "kv-transfer-config"));
    assertThat(flag(prefill, "model")).isEqualTo(flag(decode, "model"));
  }
}
