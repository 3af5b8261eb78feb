package ai.llmd.epp.domain.scheduling.handler;

import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Decider;
import ai.llmd.epp.domain.scheduling.ProfileHandler.Outcome;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks up deciders, profiles and what these came to, by name. */
final class Stages {

  private Stages() {}

  /**
   * A decider that was built before.
   *
   * @throws IllegalArgumentException when the name stands for none; a loader finds that out before
   */
  static Decider decider(PluginContext context, String name) {
    return context
        .plugin(name)
        .filter(Decider.class::isInstance)
        .map(Decider.class::cast)
        .orElseThrow(() -> new IllegalArgumentException("no decider is called " + name));
  }

  /** The profile of this name alone; none when it is not configured. */
  static List<SchedulingProfile> profile(Collection<SchedulingProfile> profiles, String name) {
    for (SchedulingProfile profile : profiles) {
      if (profile.name().equals(name)) {
        return List.of(profile);
      }
    }
    return List.of();
  }

  /** The result of a profile that ran and picked something, or null. */
  static @Nullable ProfileResult resultOf(ProfileResults results, String profile) {
    ProfileResult result = results.find(profile).orElse(null);
    return result == null || result.picks().isEmpty() ? null : result;
  }

  /** The first choice of a profile, or null when it picked nothing. */
  static @Nullable Candidate firstPick(ProfileResults results, String profile) {
    ProfileResult result = resultOf(results, profile);
    return result == null ? null : result.picks().get(0);
  }

  /** Everything that a profile picked, or null when it picked nothing. */
  static @Nullable Candidates picks(ProfileResults results, String profile) {
    ProfileResult result = resultOf(results, profile);
    return result == null ? null : result.picks();
  }

  /** The one result there is; a failure when there are none or several. */
  static Outcome onlyResult(ProfileResults results) {
    if (results.size() != 1) {
      return new Outcome.Failed("one profile must run, but " + results.size() + " did");
    }
    String profile = results.profiles().getFirst();
    return resultOf(results, profile) == null
        ? new Outcome.Failed("profile " + profile + " found no endpoint")
        : new Outcome.Primary(profile, results);
  }
}
