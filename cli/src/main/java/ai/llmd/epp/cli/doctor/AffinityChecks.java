package ai.llmd.epp.cli.doctor;

import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.scheduling.SchedulingProfile.WeightedScorer;
import java.util.ArrayList;
import java.util.List;

/** Affinity scorers behind a filter that has settled the same question. */
final class AffinityChecks implements Check {

  private static final String PREFIX_FILTER = "prefix-cache-affinity-filter";
  private static final List<String> SESSION_FILTERS =
      List.of("session-affinity-filter", "multicluster-session-affinity-filter");

  @Override
  public List<Remark> look(Examined examined) {
    List<Remark> remarks = new ArrayList<>();
    for (SchedulingProfile profile : examined.configuration().scheduling().profiles()) {
      prefixes(profile, remarks);
      sessions(profile, remarks);
    }
    return remarks;
  }

  /** Where prefixes outweigh the load the configuration warns of it by itself. */
  private static void prefixes(SchedulingProfile profile, List<Remark> remarks) {
    double prefix = sum(profile, true);
    if (hasFilter(profile, List.of(PREFIX_FILTER)) && prefix > 0 && prefix < sum(profile, false)) {
      remarks.add(
          new Remark(
              where(profile),
              names(profile, Quantities.PREFIX) + " behind a " + PREFIX_FILTER,
              "the filter lets a request go elsewhere when its cached prefix is not worth the wait;"
                  + " behind it score the load alone, or the prefix holds the request back",
              "docs/plugins.md#" + PREFIX_FILTER));
    }
  }

  private static double sum(SchedulingProfile profile, boolean ofPrefixes) {
    return profile.scorers().stream()
        .filter(one -> (Quantities.of(one.scorer().type()) == Quantities.PREFIX) == ofPrefixes)
        .mapToDouble(WeightedScorer::weight)
        .sum();
  }

  private static void sessions(SchedulingProfile profile, List<Remark> remarks) {
    String scorers = names(profile, Quantities.SESSION);
    if (hasFilter(profile, SESSION_FILTERS) && !scorers.isEmpty()) {
      remarks.add(
          new Remark(
              where(profile),
              scorers + " behind a session-affinity-filter",
              "the filter leaves the session's endpoint alone, so the scorer decides nothing; keep"
                  + " the filter to insist, or the scorer to prefer",
              "docs/plugins.md#session-affinity-filter"));
    }
  }

  private static boolean hasFilter(SchedulingProfile profile, List<String> types) {
    return profile.filters().stream().anyMatch(filter -> types.contains(filter.type()));
  }

  private static String names(SchedulingProfile profile, Quantities quantity) {
    return String.join(
        " and ",
        profile.scorers().stream()
            .map(WeightedScorer::scorer)
            .filter(scorer -> Quantities.of(scorer.type()) == quantity)
            .map(scorer -> scorer.name())
            .toList());
  }

  private static String where(SchedulingProfile profile) {
    return "profile \"" + profile.name() + '"';
  }
}
