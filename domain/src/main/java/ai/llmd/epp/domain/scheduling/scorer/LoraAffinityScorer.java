package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.LoadFields;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Set;

/**
 * Prefers endpoints that have the request's LoRA adapter at hand: 1 when it is loaded, 0.8 when
 * there is room to load it, 0.6 when it waits to be loaded, else 0. The first that applies counts.
 * An adapter that is listed as loaded and as waiting takes one place. A server that has never
 * reported its adapters, as vLLM does not before its first request, stays unscored.
 */
public final class LoraAffinityScorer implements Scorer {

  private static final double LOADED = 1.0;
  private static final double ROOM_TO_LOAD = 0.8;
  private static final double WAITS_TO_LOAD = 0.6;
  private static final double NONE = 0.0;

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("lora-affinity-scorer", LoraAffinityScorer::new);

  @Override
  public Scores score(SchedulingCycle cycle) {
    String model = cycle.request().targetModel();
    return Scores.ofReported(
        cycle,
        candidate -> candidate.load().reported().adapters(),
        candidate -> scoreOf(candidate.load(), model));
  }

  private static double scoreOf(EndpointLoad load, String model) {
    Set<String> active = load.activeAdapters();
    Set<String> waiting = load.waitingAdapters();
    if (active.contains(model)) {
      return LOADED;
    }
    if (different(active, waiting) < load.maxActiveAdapters()) {
      return ROOM_TO_LOAD;
    }
    return waiting.contains(model) ? WAITS_TO_LOAD : NONE;
  }

  private static int different(Set<String> active, Set<String> waiting) {
    int different = active.size();
    for (String adapter : waiting) {
      different += active.contains(adapter) ? 0 : 1;
    }
    return different;
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(LoadFields.ACTIVE_ADAPTERS, LoadFields.WAITING_ADAPTERS);
  }
}
