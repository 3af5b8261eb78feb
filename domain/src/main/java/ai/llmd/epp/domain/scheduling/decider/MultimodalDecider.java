package ai.llmd.epp.domain.scheduling.decider;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.scheduling.Decider;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import org.jspecify.annotations.Nullable;

/**
 * Gives the stage to requests with at least one image, video or sound, as the token producer found
 * them. A request that was not tokenized has none.
 */
public final class MultimodalDecider implements Decider {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("always-disagg-multimodal-decider", MultimodalDecider::new);

  @Override
  public boolean disaggregates(SchedulingCycle cycle, @Nullable Candidate decode) {
    TokenizedPrompt tokenized = cycle.facts().get(TokenizedPrompt.KEY);
    if (tokenized == null) {
      return false;
    }
    for (int i = 0; i < tokenized.prompts(); i++) {
      if (!tokenized.features(i).isEmpty()) {
        return true;
      }
    }
    return false;
  }
}
