package ai.llmd.epp.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code epp doctor} prints, and how it ends. */
class DoctorCommandTest {

  private static final String SOUND =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      plugins:
      - type: queue-scorer
      - type: kv-cache-utilization-scorer
      - type: prefix-cache-scorer
      schedulingProfiles:
      - name: default
        plugins:
        - {pluginRef: queue-scorer, weight: 2}
        - {pluginRef: kv-cache-utilization-scorer, weight: 2}
        - {pluginRef: prefix-cache-scorer, weight: 3}
      stateStore: {type: redis, redis: {uri: "redis://redis:6379"}, hashSecretEnv: EPP_NO_SECRET}
      """;

  private static final String METRICS = "/metrics";

  @TempDir private Path folder;

  private record Result(int code, String out, String errors) {}

  private Result doctor(String configuration, String... flags) throws IOException {
    Path file = Files.writeString(folder.resolve("epp.yaml"), configuration);
    List<String> arguments = new ArrayList<>(List.of("--config-file", file.toString()));
    arguments.addAll(List.of(flags));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int code =
        DoctorCommand.run(
            Map.of(),
            arguments,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(errors, true, StandardCharsets.UTF_8));
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
  }

  private static String sound() {
    return SOUND.replace(", hashSecretEnv: EPP_NO_SECRET", "");
  }

  /** With scorers and filters in its only profile, as in {@code pluginRef: x, weight: 1}. */
  private static String profile(List<String> types, String... references) {
    StringBuilder text =
        new StringBuilder("apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\nplugins:\n");
    types.forEach(type -> text.append("- ").append(type).append('\n'));
    text.append("schedulingProfiles:\n- name: default\n  plugins:\n");
    for (String reference : references) {
      text.append("  - {pluginRef: ").append(reference).append("}\n");
    }
    return text.toString();
  }

  @Test
  void showsEachRemarkWithItsReasonAndThePage() throws Exception {
    Result result = doctor(profile(List.of("type: queue-scorer"), "queue-scorer, weight: 0"));

    assertThat(result.code()).isZero();
    assertThat(result.errors()).isEmpty();
    assertThat(result.out())
        .contains("profile \"default\": every weight is 0\n")
        .contains("    why: all endpoints are equal, and one of them is drawn\n")
        .contains("    see: docs/compatibility.md#scoring\n")
        .contains("stateStore: none")
        .containsPattern("the configuration is valid; remarks: [1-9]");
  }

  @Test
  void hasLittleToRemarkOnASoundConfiguration() throws Exception {
    Result result = doctor(sound(), "--heap=4Gi");

    assertThat(result.code()).isZero();
    assertThat(result.out())
        .startsWith("stateStore.hashSecretFile: not set")
        .endsWith("the configuration is valid; remarks: 1\n");
  }

  @Test
  void strictlyARemarkIsAFailure() throws Exception {
    assertThat(doctor(sound(), "--heap=4Gi", "--strict").code()).isEqualTo(1);
  }

  @Test
  void whatIsNotValidIsRefusedAsByValidate() throws Exception {
    Result result = doctor(profile(List.of("type: queue-scorrer"), "queue-scorrer"));

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.errors()).contains("queue-scorrer").contains("epp.yaml:");
    assertThat(result.out()).isEmpty();
  }

  @Test
  void aFlagThatThereIsNotIsAUsageError() throws Exception {
    Result result = doctor(sound(), "--stricct");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.errors()).contains("--strict");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "queue-scorer, weight: -1 | the endpoint that it finds best is avoided",
        "queue-scorer, weight: 1 ; also, weight: -1 | against each other, and cancel",
        "queue-scorer, weight: 2 ; also, weight: -1 | what one adds the other takes away",
        "queue-scorer, weight: 2 ; also, weight: 1 | their weights add up to 3.0",
        "queue-scorer, weight: 2 ; prefix-cache-scorer, weight: 0 | prefix-cache-scorer has weight"
            + " 0",
        "prefix-cache-scorer | affinity scorers alone",
        "random-picker ; queue-scorer | random-picker, which draws",
        "max-score-picker | no scorer",
        "prefix-cache-affinity-filter ; queue-scorer, weight: 3 ; prefix-cache-scorer, weight: 1"
            + " | prefix-cache-scorer behind a prefix-cache-affinity-filter",
        "prefix-cache-affinity-filter ; queue-scorer, weight: 1 ; prefix-cache-scorer, weight: 3"
            + " | they hold it back",
        "queue-scorer | plugin \"max-score-picker\": declared, and in no scheduling profile",
      })
  void profilesThatDoNotDoWhatTheySay(String references, String remark) throws Exception {
    List<String> declared =
        List.of(
            "type: queue-scorer",
            "{type: queue-scorer, name: also}",
            "type: prefix-cache-scorer",
            "type: prefix-cache-affinity-filter",
            "type: random-picker",
            "type: max-score-picker");
    List<String> used = declared;
    if (!remark.contains("declared")) {
      used =
          declared.stream()
              .filter(
                  one -> references.contains(one.replaceAll(".*(name|type): ([a-z-]+).*", "$2")))
              .toList();
    } else {
      used = List.of("type: queue-scorer", "type: random-picker", "type: max-score-picker");
    }

    Result result = doctor(profile(used, references.split(" ; ", -1)));

    assertThat(result.errors()).isEmpty();
    assertThat(result.out()).contains(remark);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--metrics-staleness-threshold=100ms | 100ms, while --refresh-metrics-interval reads every",
        "--max-buffered-bytes=8Gi | in a heap of 4096 MiB",
        "--drain-timeout=1s | about three seconds",
        "--decisions-kept=0 | no decision can be explained",
        "--max-request-body-size=600Mi | answered 503, not 413",
        "--refresh-metrics-interval=1ms | raised to 50ms",
      })
  void flagsThatDoNotDoWhatTheySay(String flag, String remark) throws Exception {
    Result result = doctor(sound(), "--heap=4Gi", flag);

    assertThat(result.errors()).isEmpty();
    assertThat(result.out()).contains(remark);
  }

  @Test
  void sectionsThatMakeTroubleHarderToSurvive() throws Exception {
    assertThat(doctor(sound() + "endpointHealth: {enabled: false}\n").out())
        .contains("a server that has died gets requests");
    assertThat(doctor(sound() + "featureGates: [unreportedLoadsAreZero]\n").out())
        .contains("looks idle");
  }

  @Test
  void comparesBlockSizesWithWhatARunningPickerWasReported() throws Exception {
    HttpServer picker =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    String pool =
        """
        {"name":"pool","endpoints":[{"id":"ns/a","kv":null,"blockTokens":48,"adapters":["x"]},\
        {"id":"ns/b","blockTokens":0},{"id":"ns/c","blockTokens":16.0}]}\
        """;
    answer(picker, "/live/pool", 200, pool);
    answer(picker, METRICS, 200, "");
    picker.start();
    try {
      String address = "127.0.0.1:" + picker.getAddress().getPort();
      String fixed =
          sound()
              .replace(
                  "- type: prefix-cache-scorer",
                  "- type: prefix-cache-scorer\n- type: approx-prefix-cache-producer\n"
                      + "  parameters: {autoTune: false, blockSizeTokens: 64}");

      Result result = doctor(fixed, "--heap=4Gi", "--admin=" + address);

      assertThat(result.errors()).isEmpty();
      assertThat(result.out())
          .contains("blocks of different sizes: 16 tokens (ns/c), 48 tokens (ns/a)")
          .contains("blocks of 64 tokens, while ns/a report 48")
          .doesNotContain("while ns/c");
      assertThat(doctor(sound(), "--admin=" + address + "/nothing").code()).isEqualTo(1);
    } finally {
      picker.stop(0);
    }
  }

  @Test
  void aPickerCannotSteerTheTerminal() throws Exception {
    HttpServer picker =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answer(
        picker,
        "/live/pool",
        200,
        "{\"endpoints\":[{\"id\":\"\\u001b[2Ja\",\"blockTokens\":48},"
            + "{\"id\":\"b\",\"blockTokens\":16}]}");
    answer(picker, METRICS, 200, "");
    answer(picker, "/broken/live/pool", 500, "\u001b[2Jbroken");
    picker.start();
    try {
      String address = "127.0.0.1:" + picker.getAddress().getPort();

      assertThat(doctor(sound(), "--admin=" + address).out()).contains("48 tokens (?[2Ja)");
      assertThat(doctor(sound(), "--admin=" + address + "/broken").errors())
          .contains("500: ?[2Jbroken");
    } finally {
      picker.stop(0);
    }
  }

  @Test
  void saysWhatIsWrongWhereCachesAreNotAsPredicted() throws Exception {
    HttpServer picker =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answer(picker, "/live/pool", 200, "{\"endpoints\":[]}");
    answer(
        picker,
        METRICS,
        200,
        """
        # TYPE llm_d_epp_kv_cache_truth_cause gauge
        llm_d_epp_kv_cache_truth_cause{cause="block_size",pod_identifier="ns/b"} 1.0
        llm_d_epp_kv_cache_truth_cause{cause="block_size",pod_identifier="ns/a"} 1
        llm_d_epp_kv_cache_truth_cause{cause="later_one",pod_identifier="ns/c"} 1
        llm_d_epp_kv_cache_truth_cause{cause="stale",pod_identifier="ns/d"} 0
        """);
    picker.start();
    try {
      Result result = doctor(sound(), "--admin=127.0.0.1:" + picker.getAddress().getPort());

      assertThat(result.errors()).isEmpty();
      assertThat(result.out())
          .contains("model servers: cached tokens of ns/a, ns/b are not as predicted")
          .contains("set it to their --block-size")
          .contains("cached tokens of ns/c are not as predicted")
          .doesNotContain("ns/d");
    } finally {
      picker.stop(0);
    }
  }

  private static void answer(HttpServer picker, String path, int status, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    picker.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }

  @Test
  void aPickerThatDoesNotAnswerIsAFailure() throws Exception {
    Result result = doctor(sound(), "--admin=http://127.0.0.1:1");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.errors()).contains("no answer from http://127.0.0.1:1");
  }

  @Test
  void helpShowsItsOwnFlagsAndThePickers() throws Exception {
    Result result = doctor(sound(), "--help");

    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("epp doctor", "--strict", "--admin", "--max-buffered-bytes");
  }
}
