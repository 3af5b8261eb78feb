package ai.llmd.epp.adapter.metrics.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageScannerTest {

  private static final byte[] PAGE =
      """
      # HELP python_gc_objects_collected_total Objects collected, "quoted" {braces}
      # TYPE python_gc_objects_collected_total counter
      python_gc_objects_collected_total{generation="0"} 12345.0

      # TYPE vllm:num_requests_running gauge
      vllm:num_requests_running{engine="0",model_name="m \\"x\\" \\\\ \\n }"} 3.0
      # TYPE vllm:num_requests_waiting gauge
      vllm:num_requests_waiting{engine="0"} 7 1700000000000
      vllm:num_preemptions_total{engine="0"} 1e3
      # TYPE vllm:kv_cache_usage_perc gauge
      vllm:kv_cache_usage_perc 0.4225
      # TYPE vllm:cache_config_info gauge
      vllm:cache_config_info{block_size="16",num_gpu_blocks="12345",} 1.0
      # TYPE vllm:lora_requests_info gauge
      vllm:lora_requests_info{max_lora="4",running_lora_adapters="a, b",waiting_lora_adapters="c"} 1.7e+09
      # TYPE tail gauge
      tail 1
      """
          .getBytes(UTF_8);

  private static final EndpointLoad LOAD =
      new EndpointLoad(
          7, 3, 0.4225, Set.of("a", "b"), Set.of("c"), 4, 16, 12345, Map.of(), 77, true);

  private final PageReader vllm = PageReader.vllm();

  @Test
  void readsAPageThatIsCutAnywhere() {
    for (int cut = 0; cut <= PAGE.length; cut++) {
      byte[] front = Arrays.copyOf(PAGE, cut);
      byte[] back = Arrays.copyOfRange(PAGE, cut, PAGE.length);
      assertThat(vllm.scan(front, back)).as("cut at %s", cut).isEmpty();
      assertThat(vllm.after(EndpointLoad.UNSAMPLED)).as("cut at %s", cut).isEqualTo(LOAD);
    }
  }

  @RepeatedTest(100)
  void readsAPageInManyPieces(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    int[] cuts = random.ints(1 + random.nextInt(60), 0, PAGE.length + 1).sorted().toArray();
    byte[][] pieces = new byte[cuts.length + 1][];
    for (int i = 0, from = 0; i < pieces.length; i++) {
      int to = i < cuts.length ? cuts[i] : PAGE.length;
      pieces[i] = Arrays.copyOfRange(PAGE, from, to);
      from = to;
    }
    assertThat(vllm.scan(pieces)).isEmpty();
    assertThat(vllm.after(EndpointLoad.UNSAMPLED)).isEqualTo(LOAD);
  }

  @Test
  void readsAPageThatIsLongerThanAPiece() {
    String filler = "other_metric_bucket{le=\"0.5\"} 12\n".repeat(10_000);
    assertThat(vllm.scan(filler + new String(PAGE, UTF_8) + filler)).isEmpty();
    assertThat(vllm.after(EndpointLoad.UNSAMPLED)).isEqualTo(LOAD);
  }

  @RepeatedTest(200)
  void neitherThrowsNorHangsOnDamagedPages(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    byte[] damaged = PAGE.clone();
    for (int i = 0; i < 1 + random.nextInt(8); i++) {
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
    }
    int cut = random.nextInt(damaged.length);
    vllm.scan(Arrays.copyOf(damaged, cut), Arrays.copyOfRange(damaged, cut, damaged.length));
    vllm.after(EndpointLoad.UNSAMPLED);
    assertThat(vllm.scan(PAGE)).isEmpty(); // and the next page is read as if nothing had been
    assertThat(vllm.after(EndpointLoad.UNSAMPLED)).isEqualTo(LOAD);
  }

  @Test
  void noticesATruncatedPage() {
    for (int end = 1; end < PAGE.length; end++) {
      boolean atLineEnd = PAGE[end - 1] == '\n';
      assertThat(vllm.scan(Arrays.copyOf(PAGE, end)).isEmpty()).isEqualTo(atLineEnd);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "m{bad 7\n",
        "m{a=\"x\" 7\n",
        "m{a=x} 7\n",
        "m{a=\"x\"b=\"y\"} 7\n",
        "m{0a=\"x\"} 7\n",
        "m{a=\"\\t\"} 7\n",
        "m{,} 7\n",
        "m 7 7 7\n",
        "m\n",
        "m{}\n",
        "m 0x10\n",
        "m 1_0\n",
        "m 1e999\n",
        "m +NaN\n",
        "m .\n",
        "m 1e\n",
        "<html>\n",
        "{\"a\": 1}\n",
        "other value\n",
        "\u0000\n",
        "m 7",
        "m 7\n# EO"
      })
  void refusesAMalformedPage(String page) {
    assertThat(PageReader.of("m").scan(page)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n\n  \t\n",
        "# just a comment\n#\n# TYPE\n# TYPE m\n",
        "m{} 7\n",
        "m { a = \"x\" , b=\"\" , } 7 -5\n",
        "\tm\t7\n",
        "#TYPE m gauge\nm 7\n",
        "other +Inf\nother Infinity\nother nan\nother 5.\n",
        "m 7 7.5\n",
        "m 7 \n",
        "m 7\r\n",
        "# TYPE m gauge\n# TYPE m gauge\nm 1\n",
        "m 1\n# TYPE m gauge\n",
        "# HELP m a\n# HELP m b\n",
        "# TYPE m stateset\n",
        "# EOF",
        "m 7\n# EOF\n"
      })
  void acceptsAnythingWellFormed(String page) {
    assertThat(PageReader.of("m").scan(page)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "other\n",
        "other{a=\"x\"}\n",
        "other value\n",
        "other{a=\"x 1\n",
        "other{ 1\n",
        "other-name{a=\"x\"} 1\n",
        "0ther 1\n",
        "\u00e4 1\n",
        "<html>\n",
        "\u0000\n",
        "{\"other.name\"} 1\n",
        "{\"other.name\",\"a.b\"=\"c\"} 1\n",
        "{\"other name\n",
        "{other} 1\n",
        "{\n",
        "# TYPE other nonsense\n",
        "# TYPE \"other.name\" gauge\n",
        "# TYPE m\n",
        "m\n",
        "m{}\n",
        "m{a=\"x\"} word\n",
        "m 0x10\n",
        "m 7 7 7\n",
        "m 7 word\n",
      })
  void passesOverALineBesideWhatIsWanted(String line) {
    assertThat(PageReader.of("m").value(line + "# TYPE m gauge\n" + line + "m 7\n" + line))
        .isEqualTo(7);
  }

  @Test
  void passesOverALineThatIsTooLong() {
    byte[] half = new byte[PageReader.MAX_LINE_BYTES / 2 + 1];
    Arrays.fill(half, (byte) 'x');
    assertThat(vllm.scan(half, half, half, "\n".getBytes(UTF_8), PAGE)).isEmpty();
    assertThat(vllm.after(EndpointLoad.UNSAMPLED)).isEqualTo(LOAD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "# TYPE m unknown\nm 7\n# EOF\n",
        "# TYPE m gauge\n# UNIT m seconds\nm{a=\"x\"} 7.0 1700000000.123\n# EOF\n",
        "# TYPE m counter\nm_total 7 # {trace_id=\"x y\"} 0.5 1700000000.1\nm_created 1.7e9\n",
        "# TYPE m counter\nm_total 7 1700000000.5 # {} 0.5\n# EOF",
        "# TYPE \"m\" gauge\n{\"m\"} 7\n",
        "# TYPE m gauge\n{ \"m\" , \"a.b\" = \"c\", d=\"e\", } 7\n",
        "# TYPE m info\nm_info{a=\"x\"} 7\n",
      })
  void readsOpenMetrics(String page) {
    assertThat(PageReader.of("m").value(page)).isEqualTo(7);
  }

  @Test
  void readsACounterUnderTheNameOfItsSamples() {
    String page = "# TYPE m counter\n# HELP m x\nm_total{a=\"x\"} 7\nm_created{a=\"x\"} 1.7e9\n";
    assertThat(PageReader.of("m_total").value(page)).isEqualTo(7);
    assertThat(PageReader.of("m_total").value("# TYPE m_total counter\nm_total 7\n")).isEqualTo(7);
    assertThat(PageReader.of("m_info").value("# TYPE m info\nm_info{a=\"x\"} 1\n")).isEqualTo(1);
    assertThat(
            PageReader.of("m{\"a\"=\"x\"}".replace("\"a\"", "a"))
                .value("# TYPE m gauge\n{\"m\",\"a\"=\"x\"} 7\n"))
        .isEqualTo(7);
  }

  @Test
  void comparesTimestampsInSecondsToo() {
    String page =
        "# TYPE m gauge\nm{a=\"1\"} 1 1700000000\nm{a=\"2\"} 2 1700000000.5\nm{a=\"3\"} 3 1.7e9\n";
    assertThat(PageReader.of("m").value(page)).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "7, 7",
    "-7, -7",
    "+7, 7",
    "0.1, 0.1",
    "-0, -0.0",
    ".5, 0.5",
    "5., 5",
    "1e3, 1000",
    "1.7E+09, 1.7e9",
    "-2.5e-3, -0.0025",
    "123456789012345678, 123456789012345678",
    "0.123456789012345678, 0.123456789012345678",
    "9007199254740993, 9007199254740993",
    "NaN, NaN",
    "nan, NaN",
    "+Inf, Infinity",
    "-inf, -Infinity",
    "Infinity, Infinity"
  })
  void readsNumbers(String text, Double value) {
    assertThat(PageReader.of("m").value("# TYPE m gauge\nm " + text + "\n")).isEqualTo(value);
  }

  @RepeatedTest(500)
  void readsDecimalsAsTheJdkDoes(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    String text =
        switch (random.nextInt(3)) {
          case 0 -> Long.toString(random.nextLong() >> random.nextInt(64));
          case 1 ->
              String.format(
                  Locale.ROOT, "%." + random.nextInt(20) + "f", random.nextGaussian() * 1e3);
          default -> Double.toString(Double.longBitsToDouble(random.nextLong() >>> 2));
        };
    assertThat(PageReader.of("m").value("# TYPE m gauge\nm " + text + "\n"))
        .isEqualTo(Double.parseDouble(text));
  }

  @Test
  void takesTheFirstOfSeveralSeriesWithoutTimestamps() {
    assertThat(PageReader.of("m").value("# TYPE m gauge\nm{a=\"1\"} 1\nm{a=\"2\"} 2\n"))
        .isEqualTo(1);
  }

  @Test
  void takesTheSeriesWithTheGreatestTimestamp() {
    String page = "# TYPE m gauge\nm{a=\"1\"} 1\nm{a=\"2\"} 2 20\nm{a=\"3\"} 3 20\nm 4 10\n";
    assertThat(PageReader.of("m").value(page)).isEqualTo(2);
  }

  @Test
  void matchesLabelsExactly() {
    String page =
        """
        # TYPE m gauge
        m 0
        m{a="xy"} 1
        m{a="x"} 2
        m{b="y",a="x\\"\\n\\\\"} 3
        """;
    assertThat(PageReader.of("m{a=x}").value(page)).isEqualTo(2);
    assertThat(PageReader.of("m{a=\"x\\\"\\n\\\\\"}").value(page)).isEqualTo(3);
    assertThat(PageReader.of("m{a=\"x\\\"\\n\\\\\", b=y}").value(page)).isEqualTo(3);
    assertThat(PageReader.of("m{a=z}").value(page)).isNaN();
  }

  @Test
  void distinguishesAFamilyWithoutAMatchingSeriesFromAMissingOne() {
    PageReader reader = PageReader.of("m{a=z}", "n");
    reader.scan("# TYPE m gauge\nm 0\n# TYPE n gauge\n");
    assertThat(reader.after(EndpointLoad.UNSAMPLED)).isSameAs(EndpointLoad.UNSAMPLED);
    assertThat(reader.problems)
        .containsExactly(
            "custom metric \"0\": no series matches \"m{a=z}\"",
            "custom metric \"1\": metric family \"n\" not found");
  }

  @Test
  void countsPartsOfAHistogramToTheHistogramOnly() {
    String histogram =
        "# TYPE h histogram\nh_bucket{le=\"1\"} 5\nh_sum 5\nh_count 5\n# TYPE hi gauge\nhi 9\n";
    assertThat(PageReader.of("h").value(histogram)).isEqualTo(0);
    assertThat(PageReader.of("h_count").value(histogram)).isNaN();
    String own = "# TYPE h_count counter\nh_count 5\n";
    assertThat(PageReader.of("h_count").value(own)).isEqualTo(5);
    assertThat(PageReader.of("h_count").value(own + "# TYPE h histogram\nh_count 6 9\n"))
        .isEqualTo(6);
    String summary = "# TYPE h summary\nh{quantile=\"0.5\"} 3\nh_sum 5\n";
    assertThat(PageReader.of("h").value(summary)).isEqualTo(0);
    assertThat(PageReader.of("h_sum").value(summary)).isNaN();
    assertThat(PageReader.of("h_bucket").value("# TYPE h_bucket gauge\nh_bucket 4\n")).isEqualTo(4);
  }

  @Test
  void readsAnUntypedFamilyAsZero() {
    assertThat(PageReader.of("m").value("m 8\n")).isEqualTo(0);
    assertThat(PageReader.of("m").value("# TYPE m untyped\nm 8\n")).isEqualTo(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# TYPE vllm:kv_cache_usage_perc untyped\n",
        "# TYPE vllm:kv_cache_usage_perc histogram\n"
      })
  void doesNotKnowALoadThatIsNotDeclaredANumber(String declaration) {
    String queue = "# TYPE vllm:num_requests_waiting gauge\nvllm:num_requests_waiting 3\n";
    PageReader reader = PageReader.vllm();
    assertThat(reader.scan(queue + declaration + "vllm:kv_cache_usage_perc 0.9\n")).isEmpty();

    EndpointLoad load = reader.after(EndpointLoad.UNSAMPLED);
    assertThat(load.reported()).isEqualTo(new EndpointLoad.Reported(true, false, false, false));
    assertThat(load.kvCacheUtilization()).isZero();
    assertThat(reader.after(EndpointLoad.UNSAMPLED_AS_ZERO).reported())
        .isEqualTo(EndpointLoad.Reported.EVERYTHING);
  }

  @Test
  void lessensNoLoadWhoseDeclarationIsMissingForOnce() {
    PageReader reader = PageReader.vllm();
    String sample = "vllm:kv_cache_usage_perc 0.9\n";
    assertThat(reader.scan("# TYPE vllm:kv_cache_usage_perc gauge\n" + sample)).isEmpty();
    EndpointLoad known = reader.after(EndpointLoad.UNSAMPLED);
    reader.nowNanos++;
    assertThat(reader.scan(sample)).isEmpty();

    EndpointLoad load = reader.after(known);
    assertThat(load.kvCacheUtilization()).isEqualTo(0.9);
    assertThat(load.readAt().kvCacheUtilization()).isEqualTo(known.sampledAtNanos());
  }

  @Test
  void distinguishesNamesThatBeginAlike() {
    String page =
        "# TYPE m gauge\nm 1\n# TYPE mm gauge\nmm 2\n# TYPE m_very_long gauge\nm_very_long 3\n";
    assertThat(PageReader.of("m").value(page)).isEqualTo(1);
    assertThat(PageReader.of("mm").value(page)).isEqualTo(2);
    assertThat(PageReader.of("m_very_long").value(page)).isEqualTo(3);
    assertThat(PageReader.of("m_very_lon").value(page)).isNaN();
  }

  @Test
  void refusesAnEndlessLine() {
    byte[] half = new byte[PageReader.MAX_LINE_BYTES / 2 + 1];
    Arrays.fill(half, (byte) 'x');
    assertThat(vllm.scan(half)).contains("unexpected end of page: the last line has no line feed");
    assertThat(vllm.scan(half, half))
        .contains("unexpected end of page: the last line has no line feed");
    assertThat(vllm.scan(half, half, "\n".getBytes(UTF_8)))
        .contains("a line is longer than 4096 bytes");
  }

  @Test
  void readsALabelAfreshOnlyWhenItChanged() {
    for (String size : new String[] {"16", "16", "32", "8", "128"}) {
      vllm.scan(
          "# TYPE vllm:cache_config_info gauge\nvllm:cache_config_info{block_size=\"%s\"} 1\n"
              .formatted(size));
      assertThat(vllm.after(LOAD).cacheBlockTokens()).isEqualTo(Integer.parseInt(size));
    }
  }
}
