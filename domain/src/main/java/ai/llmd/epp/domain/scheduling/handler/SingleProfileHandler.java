package ai.llmd.epp.domain.scheduling.handler;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import java.util.Collection;
import java.util.List;

/** Runs the one profile there is; its result is the destination. */
public final class SingleProfileHandler implements ProfileHandler {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("single-profile-handler", SingleProfileHandler::new);

  @Override
  public List<SchedulingProfile> pick(
      SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
    return results.size() == profiles.size() ? List.of() : List.copyOf(profiles);
  }

  @Override
  public Outcome process(SchedulingCycle cycle, ProfileResults results) {
    if (results.size() != 1) {
      return new Outcome.Failed(
          "single-profile-handler needs the result of one profile, got " + results.size());
    }
    String profile = results.profiles().getFirst();
    return results.find(profile).isPresent()
        ? new Outcome.Primary(profile, results)
        : new Outcome.Failed("profile " + profile + " found no endpoint");
  }
}
