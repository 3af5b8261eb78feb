package ai.llmd.epp.configuration;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.facts.EncoderCacheMatches;
import ai.llmd.epp.domain.facts.EncoderCacheMatches.Item;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.Topologies;
import ai.llmd.epp.domain.facts.Topologies.Place;
import ai.llmd.epp.domain.facts.UncachedTokens;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Draws pools, facts and requests: sane ones, and what a broken model server might report. */
final class RandomRequest {

  private static final int MAX_ENDPOINTS = 12;

  private static final List<Double> NUMBERS =
      List.of(0.0, 0.25, 0.5, 0.8, 1.0, 1.5, -1.0, 3.0, 12.0, 1e18, -1e18, Double.NaN, 1e-300);
  private static final List<Integer> COUNTS =
      List.of(0, 0, 1, 2, 3, 7, 64, 1000, -1, Integer.MAX_VALUE, Integer.MIN_VALUE);

  private static final Map<String, List<String>> LABELS =
      Map.of(
          "llm-d.ai/role",
          List.of("decode", "prefill", "both", "encode", "prefill-decode", ""),
          "llm-d.ai/context-length-range",
          List.of("0-2048", "2048-8192", "10-10", "9-1", "x", ""),
          "zone",
          List.of("z1", "z2"));
  private static final List<String> HEADERS =
      List.of(
          "x-session-token", "x-session-id", "x-conv", "x-region", "test-epp-endpoint-selection");

  private final Random random;
  private final int slots;

  private RandomRequest(Random random) {
    this.random = random;
    this.slots = 1 + random.nextInt(2 * MAX_ENDPOINTS);
  }

  /** A request to a pool of one or more endpoints, with most of the facts that the plugins read. */
  static SchedulingCycle to(List<? extends Plugin> plugins, Random random) {
    return new RandomRequest(random).cycle(plugins);
  }

  private SchedulingCycle cycle(List<? extends Plugin> plugins) {
    Set<String> attributes = new TreeSet<>();
    Facts facts = new Facts();
    for (FactKey<?> key : keys(plugins)) {
      if (key.type() == Void.class) {
        attributes.add(key.toString());
      } else if (random.nextInt(5) > 0) {
        put(facts, key);
      }
    }
    List<Candidate> candidates = new ArrayList<>();
    for (int slot = 0; slot < slots && candidates.size() < MAX_ENDPOINTS; slot++) {
      if (random.nextInt(3) > 0 || slot == slots - 1) {
        candidates.add(candidate(slot, attributes));
      }
    }
    return new SchedulingCycle(
        request().inference(),
        Candidates.of(slots, candidates),
        facts,
        new Random(random.nextLong()),
        random.nextLong(10_000_000_000L));
  }

  /** Every key that a plugin reads, in an order that does not change. */
  private static List<FactKey<?>> keys(List<? extends Plugin> plugins) {
    Map<String, FactKey<?>> keys = new TreeMap<>();
    for (Plugin plugin : plugins) {
      plugin.requires().forEach(key -> keys.put(key.toString(), key));
      plugin.uses().forEach(key -> keys.put(key.toString(), key));
    }
    return List.copyOf(keys.values());
  }

  private Candidate candidate(int slot, Set<String> attributes) {
    Map<String, String> labels = new HashMap<>();
    LABELS.forEach(
        (label, values) -> {
          if (random.nextInt(3) > 0) {
            labels.put(label, one(values));
          }
        });
    var id = new EndpointId("default", "pod-" + slot);
    return new Candidate(
        slot, Endpoint.of(id, "10.0.0." + (1 + slot % 20), 8000 + slot, labels), load(attributes));
  }

  private EndpointLoad load(Set<String> attributes) {
    if (random.nextInt(6) == 0) {
      return EndpointLoad.UNSAMPLED;
    }
    Map<String, Double> numbers = new HashMap<>();
    for (String attribute : attributes) {
      if (random.nextInt(5) > 0) {
        numbers.put(attribute, one(NUMBERS));
      }
    }
    return new EndpointLoad(
        one(COUNTS),
        one(COUNTS),
        one(NUMBERS),
        Set.of(one(List.of("m", "a"))),
        Set.of(one(List.of("m", "b"))),
        random.nextInt(4),
        16,
        1000,
        numbers,
        -random.nextLong(10_000_000_000L),
        true);
  }

  private GoldenRequest request() {
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    request.put("requestId", "r" + random.nextInt(3)).put("targetModel", "m");
    ObjectNode headers = request.putObject("headers");
    for (String header : HEADERS) {
      if (random.nextInt(3) == 0) {
        headers.put(header, headerValue());
      }
    }
    return new GoldenRequest(request);
  }

  private String headerValue() {
    String id = "default/pod-" + random.nextInt(slots);
    return switch (random.nextInt(5)) {
      case 0 -> Base64.getEncoder().encodeToString(id.getBytes(StandardCharsets.UTF_8));
      case 1 -> "10.0.0." + random.nextInt(25) + ", 10.0.0.1:8000,,[::1]:1, x:y";
      case 2 -> "";
      case 3 -> "%%%";
      default -> "s" + random.nextInt(2);
    };
  }

  /** A value of the key's type; arrays are often shorter than the pool. */
  private void put(Facts facts, FactKey<?> key) {
    int known = random.nextInt(slots + 2);
    Object value =
        switch (key.type().getSimpleName()) {
          case "PrefixMatches" -> prefixMatches(known);
          case "InFlightLoad" -> new InFlightLoad(longs(known), longs(known));
          case "UncachedTokens" -> new UncachedTokens(longs(known));
          case "LatencyPredictions" -> new LatencyPredictions(predictions(known));
          case "Topologies" -> new Topologies(places(known));
          case "EncoderCacheMatches" -> encoderMatches(known);
          case "TokenizedPrompt" -> new GoldenPrompts(prompts());
          case "String" -> headerValue();
          case "Candidate" -> candidate(random.nextInt(slots), Set.of());
          default -> throw new IllegalArgumentException("draw a " + key.type());
        };
    put(facts, key, value);
  }

  private static <T> void put(Facts facts, FactKey<T> key, Object value) {
    facts.put(key, key.type().cast(value));
  }

  private PrefixMatches prefixMatches(int known) {
    int[] total = IntStream.range(0, known).map(slot -> random.nextInt(12) - 1).toArray();
    int[] matched = IntStream.of(total).map(all -> all < 1 ? 0 : random.nextInt(all + 1)).toArray();
    int[] sizes = IntStream.range(0, known).map(slot -> random.nextInt(3) * 16).toArray();
    return new PrefixMatches(matched, total, sizes, matched);
  }

  private long[] longs(int known) {
    return IntStream.range(0, known).mapToLong(slot -> random.nextInt(5) * 700L).toArray();
  }

  private @Nullable Prediction[] predictions(int known) {
    IntFunction<Prediction> prediction =
        slot ->
            new Prediction(
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextInt(200) - 100,
                random.nextInt(20) - 10,
                random.nextInt(4000),
                random.nextInt(50),
                random.nextInt(3));
    return IntStream.range(0, known)
        .mapToObj(slot -> random.nextInt(4) == 0 ? null : prediction.apply(slot))
        .toArray(Prediction[]::new);
  }

  private @Nullable Place[] places(int known) {
    List<String> names = List.of("", "a", "b");
    return IntStream.range(0, known)
        .mapToObj(
            slot ->
                random.nextInt(4) == 0
                    ? null
                    : new Place(one(names), one(names), one(names), one(names)))
        .toArray(Place[]::new);
  }

  private EncoderCacheMatches encoderMatches(int known) {
    List<Item> items = List.of(new Item("i", random.nextInt(3), Modality.IMAGE));
    return new EncoderCacheMatches(
        items,
        IntStream.range(0, known)
            .mapToObj(slot -> random.nextBoolean() ? items : List.<Item>of())
            .toList());
  }

  private JsonNode prompts() {
    var prompts = JsonNodeFactory.instance.arrayNode();
    for (int i = random.nextInt(3); i > 0; i--) {
      prompts.addObject().put("tokenCount", random.nextInt(5000)).putArray("multiModalItems");
    }
    return prompts;
  }

  private <T> T one(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
