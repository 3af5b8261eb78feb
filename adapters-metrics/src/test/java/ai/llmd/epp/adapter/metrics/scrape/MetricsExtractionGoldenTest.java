package ai.llmd.epp.adapter.metrics.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.golden.GoldenFiles;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What the reference made of recorded pages. */
class MetricsExtractionGoldenTest {

  static Stream<Named<JsonNode>> cases() throws IOException {
    List<Named<JsonNode>> cases = new ArrayList<>();
    for (JsonNode one :
        GoldenFiles.read(MetricsExtractionGoldenTest.class, "metrics_extraction.json")
            .get("cases")) {
      cases.add(Named.of(one.get("name").asString(), one));
    }
    return cases.stream();
  }

  static Stream<Named<JsonNode>> pages() throws IOException {
    return cases().filter(one -> !one.getPayload().has("expectedConfigError"));
  }

  static Stream<Named<JsonNode>> configurationErrors() throws IOException {
    return cases().filter(one -> one.getPayload().has("expectedConfigError"));
  }

  @ParameterizedTest
  @MethodSource("configurationErrors")
  void refusesTheConfiguration(JsonNode one) {
    assertThatThrownBy(() -> new CoreMetricsExtractor(parameters(one.get("extractorParameters"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(one.get("expectedConfigError").asString());
  }

  /** The reference takes the first of several engines; here they are put together. */
  private static final String DELIBERATE_DIFFERENCE =
      "multiple-series-first-wins-without-timestamps";

  @ParameterizedTest
  @MethodSource("pages")
  void readsThePagesAsTheReference(JsonNode one) {
    if (one.get("name").asString().equals(DELIBERATE_DIFFERENCE)) {
      putsSeveralEnginesTogether(one.get("scrapes").get(0).get("exposition").asString());
      return;
    }
    CoreMetricsExtractor extractor =
        new CoreMetricsExtractor(parameters(one.get("extractorParameters")));
    Endpoint endpoint =
        Endpoint.of(new EndpointId("ns", "e"), "127.0.0.1", 8000, texts(one.get("endpointLabels")));
    PageReader reader = new PageReader(extractor.readingFor(endpoint));
    EndpointLoad load = EndpointLoad.UNSAMPLED;
    for (JsonNode scrape : one.get("scrapes")) {
      JsonNode expected = scrape.get("expected");
      boolean failed = reader.scan(scrape.get("exposition").asString()).isPresent();
      assertThat(failed).isEqualTo(expected.path("pollError").asBoolean(false));
      if (!failed) {
        EndpointLoad next = reader.after(load);
        if (expected.get("updateTimeAdvanced").asBoolean()) {
          assertThat(next).isNotSameAs(load);
        } else {
          assertThat(next).isSameAs(load);
        }
        assertThat(reader.problems).isEqualTo(problems(expected.path("extractErrors")));
        load = next;
      }
      assertLoad(load, expected.get("metrics"), expected.get("attributes"));
    }
  }

  private static void putsSeveralEnginesTogether(String page) {
    PageReader reader = PageReader.vllm();
    assertThat(reader.scan(page)).isEmpty();
    EndpointLoad load = reader.after(EndpointLoad.UNSAMPLED);
    assertThat(load.waitingRequests()).isEqualTo(110);
    assertThat(load.runningRequests()).isEqualTo(11);
    assertThat(load.kvCacheUtilization()).isEqualTo(0.5);
  }

  private static void assertLoad(EndpointLoad load, JsonNode metrics, JsonNode attributes) {
    assertThat(load.activeAdapters()).isEqualTo(names(metrics.get("ActiveModels")));
    assertThat(load.waitingAdapters()).isEqualTo(names(metrics.get("WaitingModels")));
    assertThat(load.cacheBlockTokens()).isEqualTo(metrics.get("CacheBlockSize").asInt());
    assertThat(load.cacheBlocks()).isEqualTo(metrics.get("CacheNumBlocks").asInt());
    assertThat(load.kvCacheUtilization()).isEqualTo(metrics.get("KVCacheUsagePercent").asDouble());
    assertThat(load.maxActiveAdapters()).isEqualTo(metrics.get("MaxActiveModels").asInt());
    assertThat(load.runningRequests()).isEqualTo(metrics.get("RunningRequestsSize").asInt());
    assertThat(load.waitingRequests()).isEqualTo(metrics.get("WaitingQueueSize").asInt());
    Map<String, Double> expected = new HashMap<>();
    attributes.properties().forEach(a -> expected.put(a.getKey(), a.getValue().asDouble()));
    assertThat(load.attributes()).isEqualTo(expected);
  }

  /** The reference's words, but for the label that Go's number parser does not know. */
  private static List<String> problems(JsonNode errors) {
    List<String> problems = new ArrayList<>();
    for (JsonNode error : errors) {
      problems.add(
          switch (error.asString()) {
            case "strconv.Atoi: parsing \"four\": invalid syntax" ->
                "label max_lora is not a whole number: \"four\"";
            case "strconv.Atoi: parsing \"None\": invalid syntax" ->
                "label block_size is not a whole number: \"None\"";
            default -> error.asString();
          });
    }
    return problems;
  }

  private static CoreMetricsExtractor.Parameters parameters(JsonNode json) {
    CoreMetricsExtractor.Parameters defaults = CoreMetricsExtractor.Parameters.DEFAULTS;
    refuseUnknown(json, CoreMetricsExtractor.Parameters.class);
    List<EngineConfig> engines = new ArrayList<>();
    json.path("engineConfigs").forEach(engine -> engines.add(engine(engine)));
    return new CoreMetricsExtractor.Parameters(
        json.path("engineLabelKey").asString(defaults.engineLabelKey()),
        json.path("defaultEngine").asString(defaults.defaultEngine()),
        engines);
  }

  private static EngineConfig engine(JsonNode json) {
    refuseUnknown(json, EngineConfig.class);
    List<EngineConfig.CustomMetric> customs = new ArrayList<>();
    for (JsonNode custom : json.path("customMetrics")) {
      customs.add(
          new EngineConfig.CustomMetric(
              custom.path("attributeKey").asString(""), custom.path("metricSpec").asString("")));
    }
    return new EngineConfig(
        json.path("name").asString(""),
        json.path("queuedRequestsSpec").asString(""),
        json.path("runningRequestsSpec").asString(""),
        json.path("kvUsageSpec").asString(""),
        json.path("loraSpec").asString(""),
        json.path("cacheInfoSpec").asString(""),
        json.path("cacheBlockSizeLabelName").asString(""),
        json.path("cacheNumBlocksLabelName").asString(""),
        json.path("cacheBlockSizeSpec").asString(""),
        json.path("cacheNumBlocksSpec").asString(""),
        customs);
  }

  /** What the parameter binder does: the record is the schema. */
  private static void refuseUnknown(JsonNode json, Class<? extends Record> schema) {
    Set<String> known = new HashSet<>();
    for (RecordComponent component : schema.getRecordComponents()) {
      known.add(component.getName());
    }
    for (String name : json.propertyNames()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException("json: unknown field \"" + name + "\"");
      }
    }
  }

  private static Set<String> names(JsonNode list) {
    Set<String> names = new HashSet<>();
    list.forEach(name -> names.add(name.asString()));
    return names;
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new HashMap<>();
    object.properties().forEach(text -> texts.put(text.getKey(), text.getValue().asString()));
    return texts;
  }
}
