package ai.llmd.epp.adapter.metrics.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointLoad.Reported;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages with the names and labels of real model servers, in both forms. */
class RealPagesTest {

  private static final EngineConfig TGI =
      PageReader.engine(
          "tgi",
          "tgi_queue_size",
          "tgi_batch_current_size",
          List.of(new EngineConfig.CustomMetric("requests", "tgi_request_count")));

  @ParameterizedTest
  @CsvSource({
    "vllm, vllm",
    "vllm, vllm-openmetrics",
    "sglang, sglang",
    "sglang, sglang-openmetrics",
    "trtllm-serve, trtllm-serve",
    "trtllm-serve, trtllm-serve-openmetrics"
  })
  void readsThePageOfAServer(String engine, String page) throws IOException {
    EndpointLoad load = read(reader(builtIn(engine)), text(page));
    assertThat(load)
        .isEqualTo(
            new EndpointLoad(
                3,
                7,
                0.375,
                Set.of(),
                Set.of(),
                0,
                16,
                2100,
                Map.of(),
                77,
                true,
                new Reported(true, true, true, false)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tgi", "tgi-openmetrics"})
  void readsThePageOfTgi(String page) throws IOException {
    EndpointLoad load = read(reader(TGI), text(page));
    assertThat(load.waitingRequests()).isEqualTo(3);
    assertThat(load.runningRequests()).isEqualTo(7);
    assertThat(load.reported()).isEqualTo(new Reported(true, true, false, false));
    assertThat(load.attributes()).containsExactly(Map.entry("requests/x", 4721.0));
  }

  @RepeatedTest(20)
  void theOrderOfSeriesDoesNotMatter(RepetitionInfo round) throws IOException {
    for (String engine : List.of("vllm", "sglang")) {
      List<String> lines = new ArrayList<>(text(engine).lines().toList());
      List<String> types = new ArrayList<>(lines);
      types.removeIf(line -> !line.startsWith("#"));
      lines.removeAll(types);
      Collections.shuffle(lines, new Random(round.getCurrentRepetition()));
      String shuffled = String.join("\n", types) + "\n" + String.join("\n", lines) + "\n";
      EngineConfig config = builtIn(engine);
      assertThat(read(reader(config), shuffled)).isEqualTo(read(reader(config), text(engine)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "engine",
        "engine_index",
        "engine_id",
        "dp_rank",
        "dp_index",
        "data_parallel_rank"
      })
  void addsUpEnginesWhateverTheirLabelIsCalled(String label) {
    String series =
        """
        vllm:num_requests_waiting{tp_rank="0",%1$s="0"} 3
        vllm:num_requests_waiting{%1$s="1",tp_rank="1"} 4
        vllm:num_requests_waiting{%1$s="1",tp_rank="2",pp_rank="1"} 5
        """
            .formatted(label);
    assertThat(waiting(series)).isEqualTo(8);
  }

  private static int waiting(String series) {
    String page = "# TYPE vllm:num_requests_waiting gauge\n" + series;
    return read(PageReader.vllm(), page).waitingRequests();
  }

  @Test
  void takesTheGreatestOfTheCopiesOfOneEngine() {
    String series =
        """
        vllm:num_requests_waiting{model_name="a"} 2
        vllm:num_requests_waiting{model_name="b"} 7
        vllm:num_requests_waiting{model_name="c"} 5
        """;
    assertThat(waiting(series)).isEqualTo(7);
  }

  @Test
  void doesNotCountATotalBesideItsParts() {
    String series =
        """
        vllm:num_requests_waiting{model_name="m"} 9
        vllm:num_requests_waiting{model_name="m",engine="0"} 4
        vllm:num_requests_waiting{model_name="m",engine="1"} 5
        """;
    assertThat(waiting(series)).isEqualTo(9);
  }

  @Test
  void addsUpOnlyTheSeriesOfTheLatestTimestamp() {
    String series =
        """
        vllm:num_requests_waiting{engine="0"} 1 2000
        vllm:num_requests_waiting{engine="1"} 2 1000
        vllm:num_requests_waiting{engine="2"} 4 2000
        """;
    assertThat(waiting(series)).isEqualTo(5);
  }

  @Test
  void putsTheAdaptersOfSeveralEnginesTogether() {
    String page =
        """
        # TYPE vllm:lora_requests_info gauge
        vllm:lora_requests_info{engine="0",max_lora="2",running_lora_adapters="a,b",waiting_lora_adapters="c"} 5
        vllm:lora_requests_info{engine="1",max_lora="2",running_lora_adapters="a",waiting_lora_adapters="a"} 6
        vllm:lora_requests_info{engine="1",max_lora="2",running_lora_adapters="old",waiting_lora_adapters=""} 4
        """;
    EndpointLoad load = read(PageReader.vllm(), page);
    assertThat(load.activeAdapters()).containsExactlyInAnyOrder("a", "b");
    assertThat(load.waitingAdapters()).containsExactlyInAnyOrder("c", "a");
    assertThat(load.maxActiveAdapters()).as("three names, and one place left").isEqualTo(4);
    String full =
        page.replace("\"a\",waiting_lora_adapters=\"a\"", "\"a\",waiting_lora_adapters=\"d\"");
    assertThat(read(PageReader.vllm(), full).maxActiveAdapters()).isEqualTo(4);
    assertThat(read(PageReader.vllm(), full).waitingAdapters()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "-0.5", "NaN", "+Inf", "-Inf"})
  void refusesALoadThatCannotBe(String load) {
    PageReader reader = PageReader.vllm();
    EndpointLoad before = read(reader, page("4"));
    assertThat(reader.scan(page(load))).isEmpty();
    EndpointLoad after = reader.after(before);
    assertThat(after.waitingRequests()).isEqualTo(4);
    assertThat(after.kvCacheUtilization()).isEqualTo(4);
    assertThat(after.runningRequests()).isEqualTo(1);
    assertThat(reader.problems)
        .contains("the value of \"vllm:num_requests_waiting\" is negative or not finite")
        .contains("the value of \"vllm:kv_cache_usage_perc\" is negative or not finite");
    EndpointLoad first = read(PageReader.vllm(), page(load));
    assertThat(first.reported()).isEqualTo(new Reported(false, true, false, false));
  }

  @Test
  void whatThePageLacksKeepsTheTimeAtWhichItWasRead() {
    PageReader reader = PageReader.vllm();
    EndpointLoad before = read(reader, page("4"));
    EndpointLoad.ReadTimes then = before.readAt();
    assertThat(then.waitingRequests()).isEqualTo(before.sampledAtNanos());
    reader.nowNanos += 1_000;
    reader.scan("# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running 2\n");
    EndpointLoad.ReadTimes now = reader.after(before).readAt();
    assertThat(now.waitingRequests()).isEqualTo(then.waitingRequests());
    assertThat(now.runningRequests()).isEqualTo(reader.nowNanos);
    assertThat(now.oldest()).isEqualTo(then.waitingRequests());
    assertThat(now.adapters()).isEqualTo(EndpointLoad.ReadTimes.NEVER);
  }

  @Test
  void anAttributeThatThePageLacksKeepsItsTimeToo() {
    PageReader reader = PageReader.of("depth", "width");
    EndpointLoad before =
        read(reader, "# TYPE depth gauge\ndepth 3\n# TYPE width gauge\nwidth 4\n");
    assertThat(before.readAt().missingAttributes()).isEmpty();
    reader.nowNanos += 1_000;
    reader.scan("# TYPE width gauge\nwidth 5\n");
    EndpointLoad after = reader.after(before);
    assertThat(after.readAt().missingAttributes())
        .containsExactly(Map.entry("0/x", before.sampledAtNanos()));
    reader.nowNanos += 1_000;
    EndpointLoad later = reader.after(after);
    assertThat(later.readAt()).isEqualTo(after.readAt());
  }

  @Test
  void aPageOfNothingButLoadsThatCannotBeIsNoSample() {
    PageReader reader = PageReader.vllm();
    EndpointLoad before = read(reader, page("4"));
    reader.scan("# TYPE vllm:num_requests_waiting gauge\nvllm:num_requests_waiting -Inf\n");
    assertThat(reader.after(before)).isSameAs(before);
  }

  @Test
  void oneEngineThatCannotBeSpoilsTheSum() {
    PageReader reader = PageReader.vllm();
    EndpointLoad before = read(reader, page("4"));
    String page =
        """
        # TYPE vllm:num_requests_waiting gauge
        vllm:num_requests_waiting{engine="0"} 9
        vllm:num_requests_waiting{engine="1"} NaN
        """;
    reader.scan(page);
    assertThat(reader.after(before).waitingRequests()).isEqualTo(4);
  }

  @Test
  void whatWasReportedOnceStaysReported() {
    PageReader reader = PageReader.vllm();
    EndpointLoad before = read(reader, page("4"));
    reader.scan("# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running 2\n");
    EndpointLoad after = reader.after(before);
    assertThat(after.runningRequests()).isEqualTo(2);
    assertThat(after.waitingRequests()).isEqualTo(4);
    assertThat(after.reported()).isEqualTo(before.reported());
  }

  private static String page(String load) {
    return """
    # TYPE vllm:num_requests_running gauge
    vllm:num_requests_running{engine="0"} 1
    # TYPE vllm:num_requests_waiting gauge
    vllm:num_requests_waiting{engine="0"} %1$s
    # TYPE vllm:kv_cache_usage_perc gauge
    vllm:kv_cache_usage_perc{engine="0"} %1$s
    """
        .formatted(load);
  }

  private static EngineConfig builtIn(String name) {
    return EngineConfig.BUILT_IN.stream()
        .filter(engine -> engine.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static PageReader reader(EngineConfig engine) {
    return new PageReader(new EngineReading(engine, "x"));
  }

  /** In two pieces; a page of several engines allows for no surprise at any cut. */
  private static EndpointLoad read(PageReader reader, String page) {
    byte[] bytes = page.getBytes(UTF_8);
    int cut = bytes.length / 2;
    assertThat(reader.scan(Arrays.copyOf(bytes, cut), Arrays.copyOfRange(bytes, cut, bytes.length)))
        .isEmpty();
    return reader.after(EndpointLoad.UNSAMPLED);
  }

  private static String text(String page) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            RealPagesTest.class.getResourceAsStream("/pages/" + page + ".txt"))) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
