package ai.llmd.epp.application.precise;

import ai.llmd.epp.application.port.out.kvcache.KvEventFeed;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeeds;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus;
import ai.llmd.epp.domain.kvcache.KvEventApplier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** A feed without a thread: what is written is written at once. */
final class FakeFeeds implements KvEventFeeds {

  final Map<String, String> subscriptions = new TreeMap<>();
  final List<String> ended = new ArrayList<>();
  Settings settings = new Settings("", "", "");
  @Nullable KvEventApplier applier; // null before it is opened
  ToIntFunction<String> slots = name -> -1;
  Runnable tick = () -> {};
  List<KvStreamStatus> statuses = List.of();
  boolean isClosed;

  @Override
  public KvEventFeed open(
      Settings opened, KvEventApplier events, ToIntFunction<String> names, Runnable ticked) {
    settings = opened;
    applier = events;
    slots = names;
    tick = ticked;
    return new Feed();
  }

  private final class Feed extends SilentFeed {

    @Override
    public List<KvStreamStatus> statuses() {
      return statuses;
    }

    @Override
    public void add(String key, String endpoint, String address, String replayAddress) {
      subscriptions.put(key, endpoint + " " + address + " " + replayAddress);
    }

    @Override
    public void remove(String key, String endpoint, Runnable end) {
      subscriptions.remove(key);
      ended.add(endpoint);
      super.remove(key, endpoint, end);
    }

    @Override
    public void close() {
      isClosed = true;
    }
  }
}
