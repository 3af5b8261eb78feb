package ai.llmd.epp.simulator.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The LoRA adapters that are loaded. An adapter stays loaded when its last sequence ends, until
 * another one needs its slot.
 */
final class AdapterSlots {

  private final int slots;
  private final Map<String, Integer> running = new LinkedHashMap<>(); // key: loaded adapters

  AdapterSlots(int slots) {
    this.slots = slots;
  }

  /** Whether a sequence of this adapter may start now; null is the base model and always may. */
  boolean canStart(@Nullable String adapter) {
    return adapter == null
        || running.containsKey(adapter)
        || running.size() < slots
        || running.containsValue(0);
  }

  void started(@Nullable String adapter) {
    if (adapter == null) {
      return;
    }
    if (!running.containsKey(adapter) && running.size() >= slots) {
      unloadIdle();
    }
    running.merge(adapter, 1, Integer::sum);
  }

  void ended(@Nullable String adapter) {
    if (adapter != null) {
      running.merge(adapter, -1, Integer::sum);
    }
  }

  /** Adapters with at least one running sequence, sorted. */
  Set<String> inUse() {
    Set<String> names = new TreeSet<>();
    running.forEach(
        (adapter, sequences) -> {
          if (sequences > 0) {
            names.add(adapter);
          }
        });
    return names;
  }

  private void unloadIdle() {
    var loaded = running.values().iterator();
    while (loaded.hasNext()) {
      if (loaded.next() == 0) {
        loaded.remove();
        return;
      }
    }
    throw new IllegalStateException("no adapter slot is free");
  }
}
