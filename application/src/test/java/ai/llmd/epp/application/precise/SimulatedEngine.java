package ai.llmd.epp.application.precise;

import ai.llmd.epp.domain.kvcache.KvEvent;
import ai.llmd.epp.domain.routing.Usage;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** A model server with a prefix cache, which publishes what it stores, one event for each block. */
final class SimulatedEngine {

  private final Consumer<KvEvent> events;
  private final Set<Long> held = new HashSet<>();
  int blockTokens = 16;
  long seed = 1;
  int[] template = {7, 7, 7};
  boolean losesItsCache;

  SimulatedEngine(Consumer<KvEvent> events) {
    this.events = events;
  }

  /** Computes a prompt, and reports what was cached of it. */
  Usage compute(int[] content) {
    if (losesItsCache) {
      held.clear();
    }
    int[] tokens = new int[template.length + content.length];
    System.arraycopy(template, 0, tokens, 0, template.length);
    System.arraycopy(content, 0, tokens, template.length, content.length);
    long parent = 0;
    int cached = 0;
    for (int from = 0; from + blockTokens <= tokens.length; from += blockTokens) {
      long key = key(parent, tokens, from);
      if (held.add(key)) {
        stored(parent, key, tokens, from);
      } else {
        cached += blockTokens;
      }
      parent = key;
    }
    int most = (tokens.length - 1) / blockTokens * blockTokens;
    return new Usage(tokens.length, 1, tokens.length + 1, Math.min(cached, most));
  }

  void clear() {
    held.clear();
    events.accept(new KvEvent().reset());
  }

  private long key(long parent, int[] tokens, int from) {
    long key = parent * 31 + seed;
    for (int i = from; i < from + blockTokens; i++) {
      key = (key ^ tokens[i]) * 0x9E3779B97F4A7C15L;
      key ^= key >>> 29;
    }
    return key;
  }

  private void stored(long parent, long key, int[] tokens, int from) {
    KvEvent event = new KvEvent().reset();
    event.kind(KvEvent.Kind.STORED);
    event.blockTokens(blockTokens);
    event.parent(parent);
    System.arraycopy(tokens, from, event.tokens(blockTokens), 0, blockTokens);
    event.hashes(1)[0] = key;
    events.accept(event);
  }
}
