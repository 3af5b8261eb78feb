package ai.llmd.epp.bootstrap.config;

import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.UncachedTokens;
import ai.llmd.epp.domain.golden.GoldenFiles;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One recorded answer of the reference. */
record GoldenCase(JsonNode json) {

  /** Reads a file of cases. */
  static Stream<GoldenCase> readAll(String fileName) {
    return GoldenFiles.read(GoldenCase.class, fileName).valueStream().map(GoldenCase::new);
  }

  String plugin() {
    return json.get("plugin").asString();
  }

  String kind() {
    return json.get("kind").asString();
  }

  List<String> texts(String field) {
    return textsOf(json.get(field));
  }

  List<List<String>> textLists(String field) {
    List<List<String>> lists = new ArrayList<>();
    json.get(field).forEach(list -> lists.add(textsOf(list)));
    return lists;
  }

  /** The cycle that the case describes; its clock stands at 0. */
  SchedulingCycle cycle(long seed) {
    List<Candidate> candidates = new ArrayList<>();
    for (JsonNode endpoint : json.get("endpoints")) {
      candidates.add(
          new Candidate(candidates.size(), endpointOf(endpoint), loadOf(endpoint.get("metrics"))));
    }
    JsonNode request = json.path("request");
    Map<String, String> headers = new HashMap<>();
    request.path("headers").forEachEntry((name, value) -> headers.put(name, value.asString()));
    return new SchedulingCycle(
        CycleFixture.request(headers::get, request.path("targetModel").asString("")),
        Candidates.of(candidates.size(), candidates),
        facts(candidates.size()),
        new Random(seed),
        0);
  }

  /** The weighted sums that a picker gets. */
  Scores givenScores(SchedulingCycle cycle) {
    return Scores.of(
        cycle, candidate -> json.get("endpoints").get(candidate.slot()).get("score").asDouble());
  }

  private static Endpoint endpointOf(JsonNode endpoint) {
    String[] id = endpoint.get("name").asString().split("/", 2);
    Map<String, String> labels = new HashMap<>();
    endpoint.path("labels").forEachEntry((key, value) -> labels.put(key, value.asString()));
    return Endpoint.of(
        new EndpointId(id[0], id[1]),
        endpoint.path("address").asString("10.9.9.9"),
        Integer.parseInt(endpoint.path("port").asString("8000")),
        labels);
  }

  private static EndpointLoad loadOf(@Nullable JsonNode metrics) {
    if (metrics == null) {
      return EndpointLoad.UNSAMPLED;
    }
    return new EndpointLoad(
        metrics.path("waitingQueueSize").asInt(0),
        metrics.path("runningRequestsSize").asInt(0),
        metrics.path("kvCacheUsagePercent").asDouble(0),
        names(metrics.path("activeModels")),
        names(metrics.path("waitingModels")),
        metrics.path("maxActiveModels").asInt(0),
        0,
        0,
        Map.of(),
        -1_000_000 * metrics.path("ageMs").asLong(0),
        metrics.has("ageMs"));
  }

  private static Set<String> names(JsonNode models) {
    Set<String> names = new HashSet<>();
    models.forEachEntry((name, count) -> names.add(name));
    return names;
  }

  private Facts facts(int slots) {
    Map<String, JsonNode[]> byKey = new HashMap<>();
    for (int slot = 0; slot < slots; slot++) {
      for (JsonNode attribute : json.get("endpoints").get(slot).path("attributes")) {
        String key =
            attribute.get("dataType").asString() + "/" + attribute.get("producer").asString();
        byKey.computeIfAbsent(key, ignored -> new JsonNode[slots])[slot] = attribute.get("value");
      }
    }
    Facts facts = new Facts();
    byKey.forEach((key, values) -> put(facts, key.split("/", 2), values));
    return facts;
  }

  private static void put(Facts facts, String[] key, JsonNode[] values) {
    switch (key[0]) {
      case "PrefixCacheMatchInfoDataKey" -> {
        int[] matched = ints(values, "matchBlocks", 0);
        facts.put(
            PrefixMatches.key(key[1]),
            new PrefixMatches(
                matched,
                ints(values, "totalBlocks", -1),
                ints(values, "blockSizeTokens", 0),
                matched));
      }
      case "InFlightLoadDataKey" ->
          facts.put(
              InFlightLoad.key(key[1]),
              new InFlightLoad(longs(values, "requests"), longs(values, "tokens")));
      case "UncachedRequestTokensDataKey" ->
          facts.put(UncachedTokens.key(key[1]), new UncachedTokens(longs(values, "tokens")));
      default -> throw new IllegalArgumentException(key[0]);
    }
  }

  private static int[] ints(JsonNode[] values, String field, int missing) {
    return Arrays.stream(values)
        .mapToInt(value -> value == null ? missing : value.get(field).asInt())
        .toArray();
  }

  private static long[] longs(JsonNode[] values, String field) {
    return Arrays.stream(values)
        .mapToLong(value -> value == null ? 0 : value.get(field).asLong())
        .toArray();
  }

  private static List<String> textsOf(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asString()));
    return texts;
  }

  @Override
  public String toString() {
    return json.get("id").asString();
  }
}
