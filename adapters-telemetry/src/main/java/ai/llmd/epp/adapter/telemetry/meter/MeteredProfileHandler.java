package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import java.util.Collection;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Times every call of a profile handler, and counts how it divides requests if it does. Any thread.
 *
 * @param next the handler under the names that metrics show
 * @param disaggregations counts nothing for a handler that does not divide requests
 * @param nanoClock as {@link System#nanoTime()}
 */
public record MeteredProfileHandler(
    Named<ProfileHandler> next,
    PluginDurations plugins,
    DisaggregationMeters disaggregations,
    LongSupplier nanoClock)
    implements ProfileHandler {

  @Override
  public List<SchedulingProfile> pick(
      SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
    long startedAt = nanoClock.getAsLong();
    List<SchedulingProfile> picked = next.plugin().pick(cycle, profiles, results);
    plugins.record("ProfilePicker", next.type(), next.name(), nanoClock.getAsLong() - startedAt);
    return picked;
  }

  @Override
  public Outcome process(SchedulingCycle cycle, ProfileResults results) {
    long startedAt = nanoClock.getAsLong();
    Outcome outcome = next.plugin().process(cycle, results);
    plugins.record(
        "ProcessProfilesResults", next.type(), next.name(), nanoClock.getAsLong() - startedAt);
    if (outcome instanceof Outcome.Primary) {
      disaggregations.decided(cycle.request().targetModel(), results);
    }
    return outcome;
  }
}
