package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The LoRA adapters of a page. Of several engines the names are put together, and {@code max} is
 * such that the places left are those of all engines: the number of different adapters, and what is
 * free in each engine.
 */
record ReportedAdapters(boolean isReported, Set<String> active, Set<String> waiting, int max) {

  private static final int RUNNING = 0;
  private static final int WAITING = 1;
  private static final int MAX = 2;

  /** What was known before where the page has no such series. */
  static ReportedAdapters read(
      EnginePage page, EngineReading.@Nullable Value lora, EndpointLoad previous) {
    if (lora == null || !page.hasLabelled(lora)) {
      return new ReportedAdapters(
          false,
          previous.activeAdapters(),
          previous.waitingAdapters(),
          previous.maxActiveAdapters());
    }
    Set<String> active = new HashSet<>();
    Set<String> waiting = new HashSet<>();
    int engines = page.engines(lora);
    int max = 0;
    boolean hasMax = false;
    int free = 0;
    for (int engine = 0; engine < engines; engine++) {
      Set<String> different = new HashSet<>();
      add(page.label(lora, engine, RUNNING), active, different);
      add(page.label(lora, engine, WAITING), waiting, different);
      Integer own = page.number(lora, engine, MAX);
      if (own != null) {
        hasMax = true;
        max = Math.max(max, own);
        free += Math.max(0, own - different.size());
      }
    }
    if (!hasMax) {
      max = previous.maxActiveAdapters();
    } else if (engines > 1) {
      Set<String> different = new HashSet<>(active);
      different.addAll(waiting);
      max = different.size() + free;
    }
    return new ReportedAdapters(
        true,
        known(active, previous.activeAdapters()),
        known(waiting, previous.waitingAdapters()),
        max);
  }

  /** The known set itself when it has the same names. */
  private static Set<String> known(Set<String> names, Set<String> known) {
    return names.equals(known) ? known : Set.copyOf(names);
  }

  /** Adds the names in a comma-separated list to both sets. */
  private static void add(@Nullable String list, Set<String> some, Set<String> all) {
    int start = 0;
    while (list != null && start <= list.length()) {
      int comma = list.indexOf(',', start);
      int end = comma < 0 ? list.length() : comma;
      String name = list.substring(start, end).strip();
      if (!name.isEmpty()) {
        some.add(name);
        all.add(name);
      }
      start = end + 1;
    }
  }
}
