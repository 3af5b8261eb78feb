package ai.llmd.epp.application.precise;

import ai.llmd.epp.application.port.out.kvcache.KvEventFeed;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus;
import java.util.List;

/** A feed without a thread that receives nothing; what is written is written at once. */
public class SilentFeed implements KvEventFeed {

  @Override
  public void add(String key, String endpoint, String address, String replayAddress) {}

  @Override
  public void remove(String key, String endpoint, Runnable ended) {
    ended.run();
  }

  @Override
  public void write(Runnable change) {
    change.run();
  }

  @Override
  public List<KvStreamStatus> statuses() {
    return List.of();
  }

  @Override
  public void close() {}
}
