package ai.llmd.epp.acceptance.replay;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.body.ParserRegistry;
import ai.llmd.epp.adapter.extproc.body.PassthroughParser;
import ai.llmd.epp.adapter.extproc.body.anthropic.AnthropicParser;
import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.adapter.extproc.body.sglang.SglangHttpParser;
import ai.llmd.epp.adapter.extproc.body.vllm.VllmHttpParser;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.producer.TokenProducer;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.prefix.BlockHasher;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.RoutingHints;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * {@code approx_prefix_hashes.json} from the bytes of a body to the chains of its blocks: through
 * the parser, the producer with the recorded parameters, and the hasher.
 */
class GoldenPrefixChainsTest {

  private static final ParserRegistry PARSERS =
      ParserRegistry.of(
          List.of(
              named("openai-parser", new OpenAiParser()),
              named("anthropic-parser", new AnthropicParser()),
              named("vllmhttp-parser", new VllmHttpParser()),
              named("sglanghttp-parser", new SglangHttpParser()),
              named("passthrough-parser", new PassthroughParser())));

  /** One recorded request, what we make of it, and what the reference made of it. */
  record Case(JsonNode json, @Nullable TokenizedPrompt prompt, List<List<String>> chains) {

    JsonNode expected() {
      return json.get("expected");
    }

    List<List<String>> expectedChains() {
      List<List<String>> chains = new ArrayList<>();
      for (JsonNode chain : expected().get("blockHashes")) {
        List<String> hashes = new ArrayList<>();
        chain.forEach(hash -> hashes.add(hash.asString()));
        chains.add(hashes);
      }
      return chains;
    }

    @Override
    public String toString() {
      return json.get("name").asString();
    }
  }

  private static Named<RequestParser> named(String type, RequestParser parser) {
    return new Named<>(type, type, parser);
  }

  private static final List<Case> CASES =
      RecordedPrefixes.cases().map(GoldenPrefixChainsTest::read).toList();

  static Stream<Case> cases() {
    return CASES.stream();
  }

  private static Case read(JsonNode json) {
    String path = json.get("path").asString();
    Map<String, String> values = new HashMap<>();
    json.path("headers").forEachEntry((name, value) -> values.put(name, value.asString()));
    RequestHeaders headers = values::get;
    byte[] body = json.get("body").asString().getBytes(StandardCharsets.UTF_8);
    RequestParser parser = Objects.requireNonNull(PARSERS.find(path)).parser().plugin();
    ParsedBody parsed =
        switch (parser.parse(path, headers, body, body.length)) {
          case ParseOutcome.Parsed(ParsedBody understood) -> understood;
          case ParseOutcome.Malformed(String error) -> throw new AssertionError(error);
        };
    TokenProducer producer = BoundTokenProducer.with(json.get("tokenProducerParameters"));
    TokenizedPrompt prompt = producer.tokenize(request(parsed, headers, body.length));
    return new Case(json, prompt, prompt == null ? List.of() : chains(json, prompt));
  }

  private static InferenceRequest request(ParsedBody parsed, RequestHeaders headers, int bytes) {
    return new InferenceRequest(
        new ReceivedRequest(
            "golden",
            headers,
            new ReceivedBody(
                parsed.api(),
                parsed.model(),
                false,
                parsed.isStreaming(),
                parsed.outputTokenCap(),
                parsed.prompts(),
                parsed.cacheSalt(),
                bytes),
            RoutingHints.NONE),
        "",
        0,
        "");
  }

  private static List<List<String>> chains(JsonNode json, TokenizedPrompt prompt) {
    PrefixBlocks blocks =
        BlockHasher.hash(
            prompt,
            json.get("targetModel").asString(),
            json.get("blockSizeTokens").asInt(),
            json.get("maxPrefixBlocks").asInt(),
            0);
    List<List<String>> chains = new ArrayList<>();
    int from = 0;
    for (int end : blocks.ends()) {
      List<String> chain = new ArrayList<>();
      for (int i = from; i < end; i++) {
        chain.add(Long.toUnsignedString(blocks.hashes()[i]));
      }
      chains.add(chain);
      from = end;
    }
    return chains;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void countsTokensAndCutsBlocksLikeTheReference(Case recorded) {
    List<Integer> tokens = new ArrayList<>();
    TokenizedPrompt prompt = recorded.prompt();
    for (int i = 0; prompt != null && i < prompt.prompts(); i++) {
      tokens.add(prompt.tokens(i));
    }
    List<Integer> expected = new ArrayList<>();
    recorded
        .expected()
        .path("prompts")
        .forEach(each -> expected.add(each.get("tokenCount").asInt()));

    assertThat(tokens).isEqualTo(expected);
    assertThat(recorded.chains().stream().map(List::size))
        .isEqualTo(recorded.expectedChains().stream().map(List::size).toList());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void hashesBlocksToTheReferencesValues(Case recorded) {
    assertThat(recorded.chains()).isEqualTo(recorded.expectedChains());
  }

  /** That is what matches: how far two prompts go together. */
  @Test
  @SuppressWarnings("ReferenceEquality") // this case, not its like
  void findsTheSameCommonBeginningsAsTheReferenceBetweenAnyTwoRequests() {
    int shared = 0;
    for (Case one : CASES) {
      for (Case other : CASES) {
        if (one != other && blockSize(one) == blockSize(other)) {
          int[] ours = commonBeginnings(one.chains(), other.chains());
          assertThat(ours)
              .as("%s and %s", one, other)
              .isEqualTo(commonBeginnings(one.expectedChains(), other.expectedChains()));
          shared += ours.length > 0 && ours[0] > 0 ? 1 : 0;
        }
      }
    }
    assertThat(shared).as("pairs that begin alike").isPositive();
  }

  private static int blockSize(Case recorded) {
    return recorded.json().get("blockSizeTokens").asInt();
  }

  private static int[] commonBeginnings(List<List<String>> some, List<List<String>> others) {
    List<Integer> lengths = new ArrayList<>();
    for (List<String> one : some) {
      for (List<String> other : others) {
        int common = 0;
        while (common < Math.min(one.size(), other.size())
            && one.get(common).equals(other.get(common))) {
          common++;
        }
        lengths.add(common);
      }
    }
    return lengths.stream().mapToInt(Integer::intValue).toArray();
  }
}
