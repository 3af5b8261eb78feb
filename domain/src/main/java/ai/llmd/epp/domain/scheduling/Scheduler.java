package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.calls.CallNotes;
import ai.llmd.epp.domain.calls.Called;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.scheduling.ProfileHandler.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs profiles as the profile handler asks until it asks for no more. Stateless; any thread.
 *
 * <p>Every profile sees the full candidate list; profiles never see each other's filtering.
 */
public final class Scheduler {

  private final List<SchedulingProfile> profiles;
  private final Named<ProfileHandler> handler;
  private final PluginCalls calls;

  public Scheduler(
      List<SchedulingProfile> profiles, Named<ProfileHandler> handler, PluginCalls calls) {
    this.profiles = List.copyOf(profiles);
    this.handler = handler;
    this.calls = calls;
  }

  /** What scheduling came to, with the evidence of every profile that ran. */
  public sealed interface Verdict {

    List<ProfileEvidence> evidence();

    /** The primary profile's picks are the destination and its fallbacks. */
    record Scheduled(
        String primaryProfile,
        ProfileResult primary,
        ProfileResults results,
        List<ProfileEvidence> evidence)
        implements Verdict {}

    /**
     * Filters left no candidate in a profile that was needed.
     *
     * @param profile the first by name, when there are several
     */
    record AllFiltered(String profile, List<ProfileEvidence> evidence) implements Verdict {}

    /** The handler found no usable result. */
    record Failed(String detail, List<ProfileEvidence> evidence) implements Verdict {}
  }

  /**
   * Runs the profiles.
   *
   * @throws ai.llmd.epp.domain.calls.PluginFailedException when a plugin failed
   */
  public Verdict schedule(SchedulingCycle cycle) {
    return schedule(cycle, (extensionPoint, plugin, called) -> {});
  }

  /**
   * Runs the profiles.
   *
   * @param notes receives the handler's calls, which belong to no profile
   * @throws ai.llmd.epp.domain.calls.PluginFailedException when a plugin failed
   */
  public Verdict schedule(SchedulingCycle cycle, CallNotes notes) {
    ProfileResults results = new ProfileResults();
    List<ProfileEvidence> evidence = new ArrayList<>(profiles.size());
    List<SchedulingProfile> next = pick(cycle, results, notes);
    while (!next.isEmpty()) {
      for (SchedulingProfile profile : next) {
        SchedulingProfile.Run run = profile.run(cycle, calls);
        results.put(profile.name(), run.result());
        evidence.add(run.evidence());
      }
      next = pick(cycle, results, notes);
    }
    if (results.isEmpty()) {
      return new Verdict.Failed("no profile ran", evidence);
    }
    @Nullable String failedProfile = firstFailed(evidence, results);
    return switch (process(cycle, results, notes)) {
      case Outcome.Primary(String primary, ProfileResults processed) ->
          processed
              .find(primary)
              .<Verdict>map(result -> new Verdict.Scheduled(primary, result, processed, evidence))
              .orElseGet(
                  () ->
                      new Verdict.Failed(
                          "primary profile " + primary + " has no result", evidence));
      case Outcome.Failed(String detail) ->
          failedProfile == null
              ? new Verdict.Failed(detail, evidence)
              : new Verdict.AllFiltered(failedProfile, evidence);
    };
  }

  private List<SchedulingProfile> pick(
      SchedulingCycle cycle, ProfileResults results, CallNotes notes) {
    return call("ProfilePicker", plugin -> plugin.pick(cycle, profiles, results), notes);
  }

  private Outcome process(SchedulingCycle cycle, ProfileResults results, CallNotes notes) {
    return call("ProcessProfilesResults", plugin -> plugin.process(cycle, results), notes);
  }

  private <R> R call(
      String extensionPoint, PluginCalls.Call<ProfileHandler, R> call, CallNotes notes) {
    Called<R> called = calls.call(extensionPoint, handler, call);
    R result = called.orThrow();
    notes.note(extensionPoint, handler, called);
    return result;
  }

  /**
   * The first by name of the profiles whose last run found nothing, or null; the name decides so
   * that equal requests are refused alike.
   */
  private static @Nullable String firstFailed(
      List<ProfileEvidence> evidence, ProfileResults results) {
    @Nullable String first = null;
    for (ProfileEvidence run : evidence) {
      String profile = run.profile();
      boolean isFirst = first == null || profile.compareTo(first) < 0;
      if (isFirst && results.find(profile).isEmpty()) {
        first = profile;
      }
    }
    return first;
  }
}
