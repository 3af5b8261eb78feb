package ai.llmd.epp.acceptance.docs;

import ai.llmd.epp.application.latency.LatencyObserver;
import ai.llmd.epp.application.latency.LatencyServers;
import ai.llmd.epp.application.port.out.EncoderCacheObserver;
import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeeds;
import ai.llmd.epp.application.precise.SilentFeed;
import ai.llmd.epp.application.producer.PrefixRecorder;
import ai.llmd.epp.application.rollout.RolloutObserver;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.state.SharedState;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * A type and what its instances say about themselves. They are built with default parameters, under
 * the name of the type, and asked, never started.
 *
 * @param plugin silent when the type has a parameter without a default
 */
record SamplePlugin(PluginType<?> type, Class<?> implementation, Plugin plugin) {

  private static final Plugin SILENT = new Plugin() {};

  static SamplePlugin of(PluginType<?> type) {
    try {
      Plugin plugin = type.create(type.defaults(), new Context(type.name()));
      return new SamplePlugin(type, plugin.getClass(), plugin);
    } catch (IllegalArgumentException e) { // from a constructor that wants a value
      return new SamplePlugin(type, type.defaults().getClass().getEnclosingClass(), SILENT);
    }
  }

  /** Parts that do nothing. */
  private record Context(String name) implements PluginContext {

    private static final PrefixObserver UNHEARD =
        (producer, type, indexedBlocks) -> (matchedBlocks, totalBlocks, blockTokens) -> {};

    private static final Map<Class<?>, Object> PARTS =
        Map.ofEntries(
            Map.entry(SharedState.class, new SharedState(SharedState.Budget.DEFAULT)),
            Map.entry(LocalChanges.class, LocalChanges.NONE),
            Map.entry(PrefixRecorder.class, new PrefixRecorder(1, failure -> {})),
            Map.entry(PrefixObserver.class, UNHEARD),
            Map.entry(InFlightObserver.class, InFlightObserver.NONE),
            Map.entry(EncoderCacheObserver.class, EncoderCacheObserver.NONE),
            Map.entry(SampleAge.class, SampleAge.BY_CLOCK),
            Map.entry(RandomGenerator.class, RandomGenerator.getDefault()),
            Map.entry(LongSupplier.class, (LongSupplier) () -> 0),
            Map.entry(RolloutObserver.class, RolloutObserver.NONE),
            Map.entry(LatencyObserver.class, LatencyObserver.NONE),
            Map.entry(LatencyServers.Source.class, LatencyServers.Source.NONE),
            Map.entry(
                KvEventFeeds.class,
                (KvEventFeeds) (settings, applier, slots, tick) -> new SilentFeed()));

    @Override
    public Optional<Plugin> plugin(String other) {
      return Optional.empty();
    }

    @Override
    public <T> T service(Class<T> type) {
      return Objects.requireNonNull(type.cast(PARTS.get(type)));
    }
  }
}
