package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.objective.InferenceObjective;
import java.util.Collection;

/** Takes the objectives that requests may name. */
public interface KeepObjectives {

  /** Replaces all objectives by these. One thread at a time. */
  void keepObjectives(Collection<InferenceObjective> objectives);
}
