package ai.llmd.epp.adapter.extproc.body;

import static ai.llmd.epp.adapter.extproc.body.Parsers.named;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.ExtProcPlugins;
import ai.llmd.epp.adapter.extproc.body.anthropic.AnthropicParser;
import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.request.RequestHeaders;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParserRegistryTest {

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
    assertThat(Parsers.ALL.find(path)).extracting(Named::type).isEqualTo(type);
  }

  @Test
  void prefersTheFirstOfEquallyLongSuffixes() {
    ParserRegistry registry =
        ParserRegistry.of(
            List.of(
                named("a", new ClaimingParser("/x/y/ ")), named("b", new ClaimingParser("x/y"))));
    assertThat(registry.find("/x/y")).extracting(Named::type).isEqualTo("a");
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
    assertThat(registry.find("/v1/completions")).isSameAs(first);
    assertThat(registry.find("/v1/messages")).isSameAs(fallback);
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
