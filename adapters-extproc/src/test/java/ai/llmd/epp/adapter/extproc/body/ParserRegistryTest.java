package ai.llmd.epp.adapter.extproc.body;

import static ai.llmd.epp.adapter.extproc.body.Parsers.named;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.ExtProcPlugins;
import ai.llmd.epp.adapter.extproc.body.anthropic.AnthropicParser;
import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.adapter.extproc.body.sglang.SglangHttpParser;
import ai.llmd.epp.adapter.extproc.body.vertex.VertexAiParser;
import ai.llmd.epp.adapter.extproc.body.vllm.VllmGrpcParser;
import ai.llmd.epp.adapter.extproc.body.vllm.VllmHttpParser;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.request.RequestHeaders;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParserRegistryTest {

  private static final ParserRegistry WITH_GRPC =
      ParserRegistry.of(
          List.of(
              named("openai-parser", new OpenAiParser()),
              named("anthropic-parser", new AnthropicParser()),
              named("vllmhttp-parser", new VllmHttpParser()),
              named("vllmgrpc-parser", new VllmGrpcParser()),
              named("sglanghttp-parser", new SglangHttpParser()),
              named("passthrough-parser", new PassthroughParser())));

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, openai-parser",
    "/v1/mycompletions, openai-parser",
    "' /v1/responses/ ', openai-parser",
    "/v1/responses//, passthrough-parser",
    "/v1/messages, anthropic-parser",
    "/v1/messages/count_tokens, anthropic-parser",
    "/inference/v1/generate, vllmhttp-parser",
    "/generate, sglanghttp-parser",
    "/v1/rerank, passthrough-parser",
    "'', passthrough-parser",
  })
  void choosesTheLongestSuffix(String path, String type) {
    assertThat(type(Parsers.ALL, path)).isEqualTo(type);
  }

  @ParameterizedTest
  @CsvSource({
    "/google.cloud.aiplatform.v1beta1.PredictionService/ChatCompletions, false",
    "/google.cloud.aiplatform.v1.PredictionService/RawPredict, false",
    "/PredictionService/StreamRawPredict, false",
    "/my.OtherPredictionService/ChatCompletions, true",
  })
  void aServiceIsItsParsersOwnInEveryPackage(String path, boolean isGuess) {
    ParserRegistry registry =
        ParserRegistry.of(
            List.of(
                named("vertexai-parser", new VertexAiParser()),
                named("passthrough-parser", new PassthroughParser())));
    assertThat(type(registry, path)).isEqualTo("vertexai-parser");
    assertThat(choice(registry, path).isGuess()).isEqualTo(isGuess);
  }

  @Test
  void prefersTheFirstOfEquallyLongSuffixes() {
    ParserRegistry registry =
        ParserRegistry.of(
            List.of(
                named("a", new ClaimingParser("/x/y/ ")), named("b", new ClaimingParser("x/y"))));
    assertThat(type(registry, "/x/y")).isEqualTo("a");
  }

  private static ParserChoice choice(ParserRegistry registry, String path) {
    return Objects.requireNonNull(registry.find(path));
  }

  private static String type(ParserRegistry registry, String path) {
    return choice(registry, path).parser().type();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/messages",
        "/v1/messages/",
        "/messages",
        "messages",
        "/gateway/v1/messages",
        "/v1/chat/completions/render",
        "/inference/v1/generate",
        "/gateway/inference/v1/generate",
        "/vllm.grpc.engine.VllmEngine/Generate",
        "/gateway/generate",
      })
  void isCertainOfPathsInWholeSegmentsBehindNothingOrTheVersion(String path) {
    ParserChoice choice = choice(WITH_GRPC, path);
    assertThat(choice.parser().type()).isNotEqualTo("passthrough-parser");
    assertThat(choice.isGuess()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/threads/t_1/messages",
        "/api/chat/messages",
        "/v1/mymessages",
        "/v1/mycompletions",
        "/surveys/7/responses",
        "/api/v10/conversations",
        "/xv1/embeddings",
        "/v1/regenerate",
        "/openai/deployments/d/chat/completions",
      })
  void guessesAtPathsThatOnlyEndAlike(String path) {
    ParserChoice choice = choice(WITH_GRPC, path);
    assertThat(choice.isGuess()).isTrue();
    assertThat(choice.fallback()).extracting(Named::type).isEqualTo("passthrough-parser");
  }

  @Test
  void takesAGuessForConfirmedByAWholeRequestOnly() {
    ParserChoice guess = choice(Parsers.ALL, "/api/chat/messages");
    String whole = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    assertThat(isConfirmed(guess, whole, "/api/chat/messages")).isTrue();
    for (String other :
        List.of("{\"role\":\"user\",\"content\":\"hi\"}", "{\"messages\":[{}]}", "no json", "")) {
      assertThat(isConfirmed(guess, other, "/api/chat/messages")).as(other).isFalse();
      assertThat(isConfirmed(choice(Parsers.ALL, "/v1/messages"), other, "/v1/messages")).isTrue();
    }
  }

  private static boolean isConfirmed(ParserChoice choice, String body, String path) {
    return choice.isConfirmedBy(Parsers.parse(choice.parser().plugin(), path, body));
  }

  @Test
  void findsNothingWithoutAFallback() {
    ParserRegistry registry = ParserRegistry.of(List.of(named("openai", new OpenAiParser())));
    assertThat(registry.find("/v1/rerank")).isNull();
  }

  @Test
  void leavesOutRepeatedTypesAndWhatIsBehindTheFallback() {
    Named<RequestParser> first = new Named<>("first", "openai", new OpenAiParser());
    Named<RequestParser> second = new Named<>("second", "openai", new OpenAiParser());
    Named<RequestParser> fallback = named("passthrough", new PassthroughParser());
    Named<RequestParser> behind = named("anthropic", new AnthropicParser());
    ParserRegistry registry = ParserRegistry.of(List.of(first, second, fallback, behind));
    assertThat(choice(registry, "/v1/completions").parser()).isSameAs(first);
    assertThat(choice(registry, "/v1/messages").parser()).isSameAs(fallback);
  }

  @Test
  void offersItsParsersAsPlugins() {
    List<String> types =
        ServiceLoader.load(PluginCatalogue.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(ExtProcPlugins.class::isInstance)
            .flatMap(catalogue -> catalogue.types().stream())
            .map(type -> type.name())
            .toList();
    assertThat(types)
        .contains(
            "openai-parser",
            "anthropic-parser",
            "vllmhttp-parser",
            "sglanghttp-parser",
            "passthrough-parser");
  }

  /** Claims one suffix and reads nothing. */
  private record ClaimingParser(String suffix) implements RequestParser {

    @Override
    public List<String> pathSuffixes() {
      return List.of(suffix);
    }

    @Override
    public List<String> protocols() {
      return List.of();
    }

    @Override
    public boolean canRewriteModel() {
      return false;
    }

    @Override
    public ParseOutcome parse(String path, RequestHeaders headers, byte[] body, int length) {
      return new ParseOutcome.Malformed("never read");
    }

    @Override
    public UsageReader usageReader(boolean isEventStream) {
      return UsageReader.NONE;
    }
  }
}
