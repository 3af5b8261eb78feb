package ai.llmd.epp.configuration;

import ai.llmd.epp.domain.facts.EncoderCacheMatches;
import ai.llmd.epp.domain.facts.EncoderCacheMatches.Item;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.Topologies;
import ai.llmd.epp.domain.facts.Topologies.Place;
import ai.llmd.epp.domain.facts.UncachedTokens;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** The attributes of the reference's endpoints as facts by slot, and as numbers of a load. */
final class GoldenFacts {

  private static final Set<String> ATTRIBUTE = Set.of("dataType", "producer", "value");

  private GoldenFacts() {}

  /** The numbers of one endpoint, by key. */
  static Map<String, Double> numbers(JsonNode attributes) {
    Map<String, Double> numbers = new HashMap<>();
    for (JsonNode attribute : attributes) {
      if (attribute.get("value").isNumber()) {
        numbers.put(
            attribute.get("dataType").asString() + "/" + attribute.get("producer").asString(),
            attribute.get("value").asDouble());
      }
    }
    return numbers;
  }

  /**
   * Puts everything else.
   *
   * @param attributes of every endpoint, by slot
   */
  static void ofEndpoints(List<JsonNode> attributes, Facts facts) {
    Map<List<String>, JsonNode[]> byKey = new LinkedHashMap<>();
    for (int slot = 0; slot < attributes.size(); slot++) {
      for (JsonNode attribute : attributes.get(slot)) {
        GoldenCase.only(attribute, ATTRIBUTE);
        if (!attribute.get("value").isNumber()) {
          byKey
                  .computeIfAbsent(
                      List.of(
                          attribute.get("dataType").asString(),
                          attribute.get("producer").asString()),
                      ignored -> nothing(attributes.size()))[slot] =
              attribute.get("value");
        }
      }
    }
    byKey.forEach((key, values) -> put(facts, key.getFirst(), key.getLast(), values));
  }

  private static JsonNode[] nothing(int slots) {
    JsonNode[] values = new JsonNode[slots];
    Arrays.fill(values, MissingNode.getInstance());
    return values;
  }

  private static void put(Facts facts, String dataType, String producer, JsonNode[] values) {
    switch (dataType) {
      case "PrefixCacheMatchInfoDataKey" ->
          facts.put(PrefixMatches.key(producer), prefixMatches(values));
      case "InFlightLoadDataKey" ->
          facts.put(
              InFlightLoad.key(producer),
              new InFlightLoad(longs(values, "requests"), longs(values, "tokens")));
      case "UncachedRequestTokensDataKey" ->
          facts.put(UncachedTokens.key(producer), new UncachedTokens(longs(values, "tokens")));
      case "LatencyPredictionInfoDataKey" ->
          facts.put(LatencyPredictions.key(producer), predictions(values));
      case "Topology" -> facts.put(Topologies.key(producer), topologies(values));
      case "MultiModalEncoderCacheMatchInfoKey" ->
          facts.put(EncoderCacheMatches.key(producer), encoderMatches(values));
      default -> throw new IllegalArgumentException("attribute " + dataType + "/" + producer);
    }
  }

  private static PrefixMatches prefixMatches(JsonNode[] values) {
    int[] cached = ints(values, "matchBlocks", 0);
    for (int slot = 0; slot < values.length; slot++) {
      cached[slot] = values[slot].path("cachedBlockCount").asInt(cached[slot]);
    }
    return new PrefixMatches(
        ints(values, "matchBlocks", 0),
        ints(values, "totalBlocks", -1),
        ints(values, "blockSizeTokens", 0),
        cached);
  }

  private static LatencyPredictions predictions(JsonNode[] values) {
    @Nullable Prediction[] bySlot = new @Nullable Prediction[values.length];
    for (int slot = 0; slot < values.length; slot++) {
      JsonNode value = values[slot];
      if (value.isObject()) {
        bySlot[slot] =
            new Prediction(
                value.path("ttftValid").asBoolean(false),
                value.path("tpotValid").asBoolean(false),
                value.path("ttftHeadroom").asDouble(0),
                value.path("tpotHeadroom").asDouble(0),
                value.path("ttft").asDouble(0),
                value.path("tpot").asDouble(0),
                value.path("dispatchedRequestCount").asInt(0));
      }
    }
    return new LatencyPredictions(bySlot);
  }

  private static Topologies topologies(JsonNode[] values) {
    @Nullable Place[] bySlot = new @Nullable Place[values.length];
    for (int slot = 0; slot < values.length; slot++) {
      JsonNode value = values[slot];
      if (value.isObject()) {
        bySlot[slot] =
            new Place(
                value.path("hostname").asString(""),
                value.path("rack").asString(""),
                value.path("zone").asString(""),
                value.path("region").asString(""));
      }
    }
    return new Topologies(bySlot);
  }

  /** The reference repeats the request's items at every endpoint; here they are listed once. */
  private static EncoderCacheMatches encoderMatches(JsonNode[] values) {
    List<Item> requested = List.of();
    List<List<Item>> matched = new ArrayList<>();
    for (JsonNode value : values) {
      List<Item> items = items(value.path("requestItems"));
      if (!items.isEmpty() && !requested.isEmpty() && !items.equals(requested)) {
        throw new IllegalArgumentException("one request cannot have two lists of items");
      }
      requested = items.isEmpty() ? requested : items;
      matched.add(items.isEmpty() ? List.of() : items(value.path("matchedItems")));
    }
    return new EncoderCacheMatches(requested, matched);
  }

  private static List<Item> items(JsonNode list) {
    return list.valueStream()
        .map(
            item ->
                new Item(
                    item.path("hash").asString(""),
                    item.path("size").asInt(0),
                    modality(item.path("modality").asString("image"))))
        .toList();
  }

  static Modality modality(String name) {
    return Modality.valueOf(name.toUpperCase(Locale.ROOT));
  }

  /**
   * @param missing where an endpoint has no such attribute; a field that it lacks is 0
   */
  private static int[] ints(JsonNode[] values, String field, int missing) {
    return Arrays.stream(values)
        .mapToInt(value -> value.isObject() ? value.path(field).asInt(0) : missing)
        .toArray();
  }

  private static long[] longs(JsonNode[] values, String field) {
    return Arrays.stream(values).mapToLong(value -> value.path(field).asLong(0)).toArray();
  }
}
