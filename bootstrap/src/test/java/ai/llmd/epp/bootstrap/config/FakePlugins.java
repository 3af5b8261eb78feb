package ai.llmd.epp.bootstrap.config;

import ai.llmd.epp.adapter.extproc.body.ParseOutcome;
import ai.llmd.epp.adapter.extproc.body.RequestParser;
import ai.llmd.epp.adapter.extproc.body.UsageReader;
import ai.llmd.epp.application.port.in.KeepPool;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.LoadFields;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.facts.UncachedTokens;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Stand-ins for the plugins of other modules, with the same names, kinds and data keys. */
final class FakePlugins implements PluginCatalogue {

  static final PluginKinds KINDS = new PluginKinds(Source.class, Extractor.class);

  @Override
  public List<PluginType<?>> types() {
    return List.of(
        PluginType.of("openai-parser", () -> new Parser("openai")),
        PluginType.of("anthropic-parser", () -> new Parser("anthropic")),
        PluginType.of("vllmhttp-parser", () -> new Parser("vllm")),
        PluginType.of("vllmgrpc-parser", () -> new Parser("grpc")),
        PluginType.of("passthrough-parser", () -> new Parser("")),
        PluginType.of(
            "metrics-data-source",
            new SourceParameters("http", "/metrics", ""),
            ignored -> new Source()),
        PluginType.of(
            "core-metrics-extractor", new ExtractorParameters("vllm"), ignored -> new Extractor()),
        PluginType.of(
            "file-discovery", new DiscoveryParameters("", false), ignored -> new Discovery()),
        PluginType.withContext(
                "approx-prefix-cache-producer",
                new PrefixParameters(true, 16, 1024, 31250),
                (ignored, context) ->
                    new Finder(
                        Set.of(PrefixMatches.key(context.name())), Set.of(TokenizedPrompt.KEY)))
            .producingByDefault("PrefixCacheMatchInfoDataKey/approx-prefix-cache-producer"),
        PluginType.withContext(
                "inflight-load-producer",
                new NoParameters(),
                (ignored, context) ->
                    new Counter(
                        Set.of(
                            InFlightLoad.key(context.name()), UncachedTokens.key(context.name()))))
            .producingByDefault("InFlightLoadDataKey/inflight-load-producer"),
        PluginType.of("token-producer", () -> new Finder(Set.of(TokenizedPrompt.KEY), Set.of()))
            .producingByDefault("TokenizedPrompt/token-producer"),
        PluginType.of(
            "chicken-producer", () -> new Finder(Set.of(key("chicken")), Set.of(key("egg")))),
        PluginType.of("egg-producer", () -> new Finder(Set.of(key("egg")), Set.of(key("chicken")))),
        PluginType.of("late-scorer", () -> new LateScorer()),
        PluginType.of("early-producer", () -> new Finder(Set.of(), Set.of(key("late")))),
        PluginType.of("experimental-scorer", () -> new LateScorer()).alpha(),
        PluginType.of(
            "failing-scorer",
            () -> {
              throw new IllegalStateException("no luck today");
            }));
  }

  private static FactKey<String> key(String dataType) {
    return new FactKey<>(dataType, "x", String.class);
  }

  record SourceParameters(String scheme, String path, String interval) {}

  record ExtractorParameters(String defaultEngine) {}

  record DiscoveryParameters(String path, boolean watchFile) {}

  record PrefixParameters(
      boolean autoTune,
      int blockSizeTokens,
      int maxPrefixTokensToMatch,
      int lruCapacityPerServer) {}

  static final class Source implements Plugin {}

  static final class Extractor implements Plugin {

    @Override
    public Set<FactKey<?>> produces() {
      return LoadFields.ALL;
    }
  }

  private record Finder(Set<FactKey<?>> produces, Set<FactKey<?>> requires) implements Producer {

    @Override
    public void produce(SchedulingCycle cycle) {}
  }

  private record Counter(Set<FactKey<?>> produces) implements Producer, PreRequest, PoolObserver {

    @Override
    public void produce(SchedulingCycle cycle) {}

    @Override
    public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
      return null;
    }
  }

  private static final class LateScorer implements Scorer {

    @Override
    public Scores score(SchedulingCycle cycle) {
      return Scores.all(cycle, 1);
    }

    @Override
    public Set<FactKey<?>> produces() {
      return Set.of(key("late"));
    }
  }

  private static final class Discovery implements EndpointDiscovery {

    @Override
    public void start(KeepPool pool) {}

    @Override
    public void close() {}
  }

  private record Parser(String path) implements RequestParser {

    @Override
    public List<String> pathSuffixes() {
      return path.isEmpty() ? List.of() : List.of(path);
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
    public ParseOutcome parse(String requestPath, RequestHeaders headers, byte[] body, int length) {
      return new ParseOutcome.Malformed("not read");
    }

    @Override
    public UsageReader usageReader(boolean isEventStream) {
      return UsageReader.NONE;
    }
  }
}
