package ai.llmd.epp.adapter.kvevents.stream;

import ai.llmd.epp.adapter.kvevents.EngineType;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeed;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeeds;
import ai.llmd.epp.domain.kvcache.KvEventApplier;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

/** Subscribes over ZeroMQ. Any thread. */
public final class KvEventSubscriptions implements KvEventFeeds {

  private final LongSupplier nanos;

  /**
   * @param nanos the time, in the manner of {@link System#nanoTime}
   */
  public KvEventSubscriptions(LongSupplier nanos) {
    this.nanos = nanos;
  }

  @Override
  public KvEventFeed open(
      Settings settings, KvEventApplier applier, ToIntFunction<String> slots, Runnable tick) {
    return new KvEventSubscriber(
        new SubscriberSettings(settings.topicFilter(), settings.bindAddress()),
        new IndexSink(EngineType.named(settings.engine()), applier, slots),
        nanos,
        tick);
  }
}
