package ai.llmd.epp.domain.routing;

import ai.llmd.epp.domain.facts.FactKey;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Ends a routed request before its response is complete, so that a more important one has room. Any
 * thread.
 */
public final class Eviction {

  /** Of requests that may be evicted. */
  public static final FactKey<Eviction> KEY = new FactKey<>("EvictionDataKey", "", Eviction.class);

  private final AtomicReference<@Nullable Runnable> end = new AtomicReference<>();

  /**
   * Whoever has the request's connection says how to end it; at once when it is evicted already.
   *
   * @param ending called once at most, by any thread; blocks on nothing
   */
  public void endWith(Runnable ending) {
    if (!end.compareAndSet(null, ending)) {
      ending.run();
    }
  }

  /** Ends the request; only the first such call counts. */
  public void evict() {
    Runnable ending = end.getAndSet(() -> {});
    if (ending != null) {
      ending.run();
    }
  }
}
