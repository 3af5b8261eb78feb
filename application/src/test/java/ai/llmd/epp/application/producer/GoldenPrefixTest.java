package ai.llmd.epp.application.producer;

import static ai.llmd.epp.application.producer.Requests.cycle;
import static ai.llmd.epp.application.producer.Requests.endpoint;
import static ai.llmd.epp.application.producer.Requests.reporting;
import static ai.llmd.epp.application.producer.Requests.request;
import static ai.llmd.epp.application.producer.Requests.routed;
import static ai.llmd.epp.application.producer.Requests.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Named.named;

import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.golden.GoldenFiles;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.BlockHasher;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The reference's recorded block hashes, block sizes and routing histories. */
class GoldenPrefixTest {

  private static final JsonNode FILE =
      GoldenFiles.read(GoldenPrefixTest.class, "approx_prefix_hashes.json");

  private final TokenProducer tokenProducer = new TokenProducer(TokenProducer.Parameters.DEFAULT);

  static Stream<Named<JsonNode>> raw() {
    return section("raw");
  }

  static Stream<Named<JsonNode>> blockSizeResolution() {
    return section("blockSizeResolution");
  }

  static Stream<Named<JsonNode>> routingScenarios() {
    return section("routingScenarios");
  }

  @ParameterizedTest
  @MethodSource("raw")
  void hashesBlocksLikeTheReference(JsonNode recorded) {
    Prompt[] prompts = new Prompt[recorded.get("prompts").size()];
    Arrays.setAll(prompts, i -> tokens(ids(recorded.get("prompts").get(i))));
    TokenizedPrompt prompt =
        tokenProducer.tokenize(
            request(
                recorded.get("targetModel").stringValue(),
                recorded.get("cacheSalt").stringValue(),
                -1,
                ApiKind.GENERATE,
                RequestHeaders.NONE,
                prompts));
    JsonNode expected = recorded.get("expected").get("blockHashes");
    if (prompt == null) {
      assertThat(expected.size()).isZero();
      return;
    }
    PrefixBlocks blocks =
        BlockHasher.hash(
            prompt,
            recorded.get("targetModel").stringValue(),
            recorded.get("blockSizeTokens").intValue(),
            recorded.get("maxPrefixBlocks").intValue(),
            0);
    assertThat(decimal(blocks)).isEqualTo(strings(expected));
  }

  @ParameterizedTest
  @MethodSource("blockSizeResolution")
  void resolvesBlockSizesLikeTheReference(JsonNode recorded) {
    JsonNode expected = recorded.get("expected");
    if (expected.has("error")) {
      String error = expected.get("error").stringValue();
      int start = error.indexOf(": ") + 2;
      String field = error.substring(start, error.indexOf(' ', start));
      assertThatThrownBy(() -> parameters(recorded))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              field.substring(0, 1).toLowerCase(Locale.ROOT) + field.substring(1));
      return;
    }
    var parameters = parameters(recorded);
    int blockTokens = parameters.blockTokens(recorded.get("endpointCacheBlockSize").intValue());
    assertThat(blockTokens).isEqualTo(expected.get("blockSizeTokens").intValue());
    JsonNode maxBlocks = expected.get("maxBlocks");
    assertThat(parameters.maxBlocks(blockTokens))
        .isEqualTo(maxBlocks.isNumber() ? maxBlocks.intValue() : Integer.MAX_VALUE);
  }

  /**
   * Once more blocks were recorded for a pod than it may hold, the reference loses the beginning of
   * the oldest chain first (and keeps overflowed blocks for ever), while we keep beginnings: see
   * PrefixCacheIndex. From there on our bounds hold instead.
   */
  @ParameterizedTest
  @MethodSource("routingScenarios")
  void matchesLikeTheReferenceUntilThatEvicts(JsonNode recorded) throws Exception {
    List<EndpointState> pods = pods(recorded);
    var state = new SharedState(SharedState.Budget.DEFAULT);
    try (var recorder = recorder()) {
      var producer =
          new ApproxPrefixCacheProducer(
              "prefix",
              parameters(recorded),
              state,
              recorder,
              LocalChanges.NONE,
              PrefixObserver.NONE);
      pods.forEach(producer::added);
      var everRecorded = new HashMap<EndpointState, Set<Long>>();
      boolean hasEvicted = false;
      for (JsonNode step : recorded.get("steps")) {
        SchedulingCycle cycle = produce(producer, step, pods);
        check(recorded, step, cycle, pods, !hasEvicted);
        EndpointState target = pod(pods, step.get("routeTo").stringValue());
        producer.onRouted(routed(cycle, target));
        Set<Long> held = everRecorded.computeIfAbsent(target, pod -> new HashSet<>());
        LongStream.of(blocks(cycle).hashes()).forEach(held::add);
        hasEvicted |= held.size() > capacity(recorded);
        Recorders.drain(recorder);
        assertThat(state.prefixIndex("prefix").blocksOf(target.slot()).length)
            .isBetween(1, capacity(recorded));
      }
    }
  }

  private SchedulingCycle produce(
      ApproxPrefixCacheProducer producer, JsonNode step, List<EndpointState> pods) {
    InferenceRequest request = request(tokens(ids(step.get("tokens"))));
    SchedulingCycle cycle = cycle(request, pods.toArray(EndpointState[]::new));
    tokenProducer.produce(cycle);
    producer.produce(cycle);
    return cycle;
  }

  private static void check(
      JsonNode recorded,
      JsonNode step,
      SchedulingCycle cycle,
      List<EndpointState> pods,
      boolean isExact) {
    PrefixMatches matches = Objects.requireNonNull(cycle.facts().get(PrefixMatches.key("prefix")));
    for (EndpointState pod : pods) {
      JsonNode expected =
          step.get("expectedMatchBeforeRouting").get(pod.endpoint().id().toString());
      assertThat(matches.totalBlocks(pod.slot())).isEqualTo(expected.get("totalBlocks").intValue());
      assertThat(matches.blockTokens(pod.slot()))
          .isEqualTo(expected.get("blockSizeTokens").intValue());
      if (isExact) {
        assertThat(matches.matchedBlocks(pod.slot()))
            .isEqualTo(expected.get("matchBlocks").intValue());
      } else {
        assertThat(matches.matchedBlocks(pod.slot())).isBetween(0, capacity(recorded));
      }
    }
  }

  private static PrefixBlocks blocks(SchedulingCycle cycle) {
    var key = new FactKey<>("PrefixBlocks", "prefix", PrefixBlocks.class);
    return Objects.requireNonNull(cycle.facts().get(key));
  }

  private static int capacity(JsonNode recorded) {
    return parameters(recorded).capacity(recorded.path("cacheNumBlocks").asInt(0));
  }

  private static List<EndpointState> pods(JsonNode recorded) {
    List<EndpointState> pods = new ArrayList<>();
    for (JsonNode id : recorded.get("pods")) {
      int slot = pods.size();
      pods.add(
          reporting(
              endpoint(slot, slot + 1, id.stringValue()),
              recorded.path("cacheBlockSize").asInt(0),
              recorded.path("cacheNumBlocks").asInt(0)));
    }
    return pods;
  }

  private static EndpointState pod(List<EndpointState> pods, String id) {
    return pods.stream()
        .filter(pod -> pod.endpoint().id().toString().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static PrefixRecorder recorder() {
    var recorder =
        new PrefixRecorder(
            PrefixRecorder.DEFAULT_WAITING_BLOCKS,
            failure -> {
              throw failure;
            });
    recorder.start();
    return recorder;
  }

  private static ApproxPrefixCacheProducer.Parameters parameters(JsonNode recorded) {
    var defaults = ApproxPrefixCacheProducer.Parameters.DEFAULT;
    JsonNode given = recorded.get("parameters");
    return new ApproxPrefixCacheProducer.Parameters(
        given.path("autoTune").asBoolean(defaults.autoTune()),
        given.path("blockSizeTokens").asInt(defaults.blockSizeTokens()),
        given.path("maxPrefixTokensToMatch").asInt(defaults.maxPrefixTokensToMatch()),
        given.path("maxPrefixBlocksToMatch").asInt(defaults.maxPrefixBlocksToMatch()),
        given.path("lruCapacityPerServer").asInt(defaults.lruCapacityPerServer()),
        given.path("blockSize").asInt(defaults.blockSize()));
  }

  private static Stream<Named<JsonNode>> section(String name) {
    return FILE.get(name).valueStream().map(node -> named(node.get("name").stringValue(), node));
  }

  private static int[] ids(JsonNode numbers) {
    return numbers.valueStream().mapToInt(number -> (int) number.longValue()).toArray();
  }

  private static List<List<String>> strings(JsonNode lists) {
    return lists
        .valueStream()
        .map(list -> list.valueStream().map(JsonNode::stringValue).toList())
        .toList();
  }

  private static List<List<String>> decimal(PrefixBlocks blocks) {
    List<List<String>> chains = new ArrayList<>();
    for (int i = 0; i < blocks.chains(); i++) {
      chains.add(
          Arrays.stream(blocks.hashes(), blocks.start(i), blocks.ends()[i])
              .mapToObj(Long::toUnsignedString)
              .toList());
    }
    return chains;
  }
}
