package ai.llmd.epp.application;

import ai.llmd.epp.application.port.in.KeepObjectives;
import ai.llmd.epp.domain.objective.InferenceObjective;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The objectives in force, by name. Readers never wait. */
public final class LiveObjectives implements KeepObjectives {

  private volatile Map<String, InferenceObjective> current = Map.of();

  /** The objective of this name, or null when there is none. */
  public @Nullable InferenceObjective find(String name) {
    return current.get(name);
  }

  /** Of two with one name the later counts. */
  @Override
  public void keepObjectives(Collection<InferenceObjective> objectives) {
    Map<String, InferenceObjective> byName = new HashMap<>();
    objectives.forEach(objective -> byName.put(objective.name(), objective));
    current = Map.copyOf(byName);
  }
}
