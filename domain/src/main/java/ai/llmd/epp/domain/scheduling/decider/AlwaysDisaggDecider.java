package ai.llmd.epp.domain.scheduling.decider;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.scheduling.Decider;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import org.jspecify.annotations.Nullable;

/** Gives every request the stage. */
public final class AlwaysDisaggDecider implements Decider {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("always-disagg-pd-decider", AlwaysDisaggDecider::new);

  @Override
  public boolean disaggregates(SchedulingCycle cycle, @Nullable Candidate decode) {
    return true;
  }
}
