package ai.llmd.epp.domain.plugins;

import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.LatencyPredictions;
import ai.llmd.epp.domain.facts.LatencyPredictions.Prediction;
import ai.llmd.epp.domain.facts.PeerEndpoint;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.Topologies;
import ai.llmd.epp.domain.facts.Topologies.Place;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A cycle in which anything may be missing, negative, huge or not a number; some slots are empty,
 * and the candidates come in any order.
 */
final class OddCycle {

  private static final double[] DOUBLES = {
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    -1,
    -0.0,
    0,
    Double.MIN_VALUE,
    0.5,
    1,
    100
  };
  private static final long[] LONGS = {Long.MIN_VALUE, -1, 0, 1, 99, 1_000, Long.MAX_VALUE};
  private static final String[] TEXTS = {"", " ", "decode", "prefill", "h", "0-100", "7-3", "x-y"};
  private static final String[] TOKENS = {"", "!", "bnMvcG9kLTM=", "bnMvcG9kLTA=", "10.0.0.1"};

  private final Random random;
  private final int slotCount;

  private OddCycle(long seed) {
    this.random = random(seed);
    this.slotCount = random.nextInt(12);
  }

  /** A generator whose first numbers differ even for neighbouring seeds. */
  static Random random(long seed) {
    return new Random(seed * 0x9E3779B97F4A7C15L);
  }

  /** The same seed gives the same cycle. */
  static SchedulingCycle of(long seed) {
    return new OddCycle(seed).build();
  }

  private SchedulingCycle build() {
    List<Candidate> candidates = new ArrayList<>();
    for (int slot = 0; slot < slotCount; slot++) {
      if (random.nextInt(5) > 0) {
        candidates.add(candidate(slot));
      }
    }
    Collections.shuffle(candidates, random);
    Map<String, String> headers = new HashMap<>();
    for (String name : List.of("x-session-token", "x-session-id", "test-epp-endpoint-selection")) {
      if (random.nextBoolean()) {
        headers.put(name, TOKENS[random.nextInt(TOKENS.length)]);
      }
    }
    return new SchedulingCycle(
        CycleFixture.request(headers::get, ""),
        Candidates.of(slotCount, candidates),
        facts(candidates),
        random,
        oddLong());
  }

  private Candidate candidate(int slot) {
    Map<String, String> labels = new HashMap<>();
    for (String key : List.of("llm-d.ai/role", "llm-d.ai/context-length-range", "tier")) {
      if (random.nextBoolean()) {
        labels.put(key, oddText());
      }
    }
    var id = new EndpointId("ns", "pod-" + slot);
    return new Candidate(slot, Endpoint.of(id, "10.0.0." + slot % 3, 1 + slot, labels), load());
  }

  private EndpointLoad load() {
    return random.nextInt(4) == 0
        ? EndpointLoad.UNSAMPLED
        : new EndpointLoad(
            (int) oddLong(),
            (int) oddLong(),
            oddDouble(),
            Set.of(),
            Set.of(),
            0,
            0,
            0,
            random.nextBoolean() ? Map.of("n/core-metrics-extractor", oddDouble()) : Map.of(),
            oddLong(),
            true);
  }

  private Facts facts(List<Candidate> candidates) {
    Facts facts = new Facts();
    if (random.nextBoolean()) {
      facts.put(InFlightLoad.keyOrDefault(""), new InFlightLoad(oddLongs(), oddLongs()));
    }
    if (random.nextBoolean()) {
      int[] totals = oddInts();
      int[] others = new int[totals.length];
      for (int i = 0; i < others.length; i++) {
        others[i] = (int) oddLong();
      }
      facts.put(PrefixMatches.keyOrDefault(""), new PrefixMatches(others, totals, others, others));
    }
    if (random.nextBoolean()) {
      facts.put(LatencyPredictions.keyOrDefault(""), new LatencyPredictions(predictions()));
    }
    if (random.nextBoolean()) {
      facts.put(Topologies.keyOrDefault(""), new Topologies(places()));
    }
    if (random.nextBoolean() && !candidates.isEmpty()) {
      facts.put(PeerEndpoint.KEY, candidates.get(random.nextInt(candidates.size())));
    }
    return facts;
  }

  private @Nullable Prediction[] predictions() {
    @Nullable Prediction[] predictions = new @Nullable Prediction[oddLength()];
    for (int i = 0; i < predictions.length; i++) {
      if (random.nextBoolean()) {
        predictions[i] =
            new Prediction(
                true, false, oddDouble(), oddDouble(), oddDouble(), oddDouble(), (int) oddLong());
      }
    }
    return predictions;
  }

  private @Nullable Place[] places() {
    @Nullable Place[] places = new @Nullable Place[oddLength()];
    for (int i = 0; i < places.length; i++) {
      if (random.nextBoolean()) {
        places[i] = new Place(oddText(), oddText(), oddText(), oddText());
      }
    }
    return places;
  }

  /** Facts may know fewer slots than there are, or more. */
  private int oddLength() {
    return random.nextInt(slotCount + 2);
  }

  private long[] oddLongs() {
    long[] longs = new long[oddLength()];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = oddLong();
    }
    return longs;
  }

  private int[] oddInts() {
    int[] ints = new int[oddLength()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = (int) oddLong();
    }
    return ints;
  }

  private long oddLong() {
    return LONGS[random.nextInt(LONGS.length)];
  }

  private double oddDouble() {
    return DOUBLES[random.nextInt(DOUBLES.length)];
  }

  private String oddText() {
    return TEXTS[random.nextInt(TEXTS.length)];
  }
}
