package ai.llmd.epp.application.port.out.kvcache;

import ai.llmd.epp.domain.kvcache.KvEventApplier;
import java.util.function.ToIntFunction;

/** Subscribes to the KV-cache events of model servers. */
public interface KvEventFeeds {

  /**
   * What is listened to.
   *
   * @param engine whose events these are, {@code vllm} or {@code sglang}; empty is vLLM
   * @param topicFilter beginning of the topics that are received; others stay unseen
   * @param bindAddress where publishers connect to, e.g. {@code tcp://*:5557}; empty for nowhere
   */
  record Settings(String engine, String topicFilter, String bindAddress) {}

  /**
   * Starts a feed.
   *
   * @param applier receives the events, on the feed's thread
   * @param slots the slot of an endpoint by address and port; negative when there is none, whose
   *     messages are passed over
   * @param tick runs on the feed's thread, several times a second
   * @throws IllegalArgumentException if the bind address cannot be used, or the engine is unknown
   */
  KvEventFeed open(
      Settings settings, KvEventApplier applier, ToIntFunction<String> slots, Runnable tick);
}
