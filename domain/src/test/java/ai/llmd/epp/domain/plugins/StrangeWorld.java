package ai.llmd.epp.domain.plugins;

import ai.llmd.epp.domain.facts.EncoderCacheMatches;
import ai.llmd.epp.domain.facts.EncoderCacheMatches.Item;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.facts.PeerEndpoint;
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
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints, loads and facts as broken model servers and producers could make them: negative, huge,
 * infinite, no number at all, missing, for some endpoints only. The seed decides everything.
 */
final class StrangeWorld {

  /** Names that plugins can be configured to look at. */
  static final String LABEL = "region";

  static final String HEADER = "x-region";
  static final String ATTRIBUTE = "custom.queue";

  private static final List<String> ATTRIBUTE_KEYS =
      List.of(
          ATTRIBUTE + "/core-metrics-extractor",
          "llm-d.ai/multicluster-queue-size/",
          "llm-d.ai/multicluster-kv-cache-utilization/");

  private static final double[] DOUBLES = {
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    Double.MIN_VALUE,
    -0.0,
    0,
    1,
    -1,
    0.5,
    1e-9,
    1e300
  };
  private static final long[] LONGS = {
    0, 1, -1, 7, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE
  };
  private static final List<String> WORDS = List.of("", "a", "b", "eu");

  private final Random random;
  private final int slots;
  private final List<Candidate> pool = new ArrayList<>();

  StrangeWorld(long seed) {
    random = new Random(seed);
    slots = 1 + random.nextInt(10);
    for (int slot = 0; slot < slots; slot++) {
      pool.add(new Candidate(slot, endpoint(slot), load()));
    }
  }

  /** Some of the endpoints in any order, and what is known of them. */
  SchedulingCycle cycle() {
    List<Candidate> chosen = new ArrayList<>(pool);
    Collections.shuffle(chosen, random);
    chosen = chosen.subList(0, 1 + random.nextInt(slots));
    Map<String, String> headers = Map.of(HEADER, word());
    return new SchedulingCycle(
        CycleFixture.request(headers::get, word()),
        Candidates.of(slots, chosen),
        facts(),
        new Random(random.nextLong()),
        0);
  }

  /** A weight as configuration accepts it: any finite number. */
  double weight() {
    double weight = number();
    return Double.isFinite(weight) ? weight : 1;
  }

  private Endpoint endpoint(int slot) {
    var id = new EndpointId("default", "pod-" + slot);
    return Endpoint.of(id, "10.0.0." + (slot + 1), 8000, Map.of(LABEL, word()));
  }

  private EndpointLoad load() {
    if (random.nextInt(6) == 0) {
      return EndpointLoad.UNSAMPLED;
    }
    Map<String, Double> attributes = new HashMap<>();
    for (String key : ATTRIBUTE_KEYS) {
      if (random.nextInt(4) > 0) {
        attributes.put(key, number());
      }
    }
    return new EndpointLoad(
        whole(), whole(), number(), words(), words(), whole(), 0, 0, attributes, 0, true);
  }

  private Facts facts() {
    Facts facts = new Facts();
    if (isThere()) {
      int known = random.nextInt(slots + 1);
      facts.put(
          PrefixMatches.keyOrDefault(""),
          new PrefixMatches(wholes(known), wholes(known), wholes(known), wholes(known)));
    }
    if (isThere()) {
      facts.put(InFlightLoad.keyOrDefault(""), new InFlightLoad(counts(), counts()));
    }
    if (isThere()) {
      facts.put(UncachedTokens.keyOrDefault(""), new UncachedTokens(counts()));
    }
    if (isThere()) {
      facts.put(LatencyPredictions.keyOrDefault(""), new LatencyPredictions(predictions()));
    }
    if (isThere()) {
      facts.put(EncoderCacheMatches.keyOrDefault(""), encoderMatches());
    }
    if (isThere()) {
      facts.put(Topologies.keyOrDefault(""), new Topologies(places()));
    }
    if (isThere()) {
      int slot = random.nextInt(slots + 2); // it may have left the pool
      facts.put(PeerEndpoint.KEY, new Candidate(slot, endpoint(slot), load()));
    }
    return facts;
  }

  private @Nullable Prediction[] predictions() {
    @Nullable Prediction[] predictions = new @Nullable Prediction[random.nextInt(slots + 1)];
    for (int i = 0; i < predictions.length; i++) {
      if (isThere()) {
        predictions[i] =
            new Prediction(true, true, number(), number(), number(), number(), random.nextInt(2));
      }
    }
    return predictions;
  }

  private EncoderCacheMatches encoderMatches() {
    List<List<Item>> matched = new ArrayList<>();
    for (int i = random.nextInt(slots + 1); i > 0; i--) {
      matched.add(items());
    }
    return new EncoderCacheMatches(items(), matched);
  }

  private List<Item> items() {
    return IntStream.range(0, random.nextInt(4))
        .mapToObj(i -> new Item("hash-" + i, whole(), Modality.IMAGE))
        .toList();
  }

  private @Nullable Place[] places() {
    @Nullable Place[] places = new @Nullable Place[random.nextInt(slots + 1)];
    for (int i = 0; i < places.length; i++) {
      places[i] = isThere() ? new Place(word(), word(), word(), word()) : null;
    }
    return places;
  }

  private boolean isThere() {
    return random.nextInt(4) > 0;
  }

  private String word() {
    return WORDS.get(random.nextInt(WORDS.size()));
  }

  private Set<String> words() {
    return Set.copyOf(WORDS.subList(0, random.nextInt(WORDS.size() + 1)));
  }

  /** Ordinary as often as not, so that strange numbers meet sane ones. */
  private double number() {
    return random.nextBoolean()
        ? random.nextInt(1000) / 100.0
        : DOUBLES[random.nextInt(DOUBLES.length)];
  }

  private long count() {
    return random.nextBoolean() ? random.nextInt(100) : LONGS[random.nextInt(LONGS.length)];
  }

  private int whole() {
    return (int) count();
  }

  private int[] wholes(int length) {
    int[] wholes = new int[length];
    Arrays.setAll(wholes, i -> whole());
    return wholes;
  }

  private long[] counts() {
    long[] counts = new long[random.nextInt(slots + 1)];
    Arrays.setAll(counts, i -> count());
    return counts;
  }
}
