package ai.llmd.epp.configuration;

import ai.llmd.epp.application.precise.HostingPrecisePrefixCacheScorer;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingProfile.WeightedScorer;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.filter.PrefixCacheAffinityFilter;
import ai.llmd.epp.domain.scheduling.scorer.PrecisePrefixCacheScorer;
import ai.llmd.epp.domain.scheduling.scorer.PrefixCacheScorer;
import java.util.List;

/**
 * Notices a profile whose scorers undo what its affinity filter decides. When sticking to a cached
 * prefix costs too much the filter keeps all endpoints, so that the load decides; prefix scorers
 * that outweigh the others would send the request to the cached prefix all the same.
 */
final class AffinityWeights {

  private AffinityWeights() {}

  /** Adds a warning when a profile is such a one. */
  static void check(
      String profile,
      List<Named<Filter>> filters,
      List<WeightedScorer> scorers,
      List<String> warnings) {
    if (filters.stream().noneMatch(one -> one.plugin() instanceof PrefixCacheAffinityFilter)) {
      return;
    }
    double prefix = 0;
    double load = 0;
    for (WeightedScorer scorer : scorers) {
      if (isOfPrefixes(scorer.scorer().plugin())) {
        prefix += scorer.weight();
      } else {
        load += scorer.weight();
      }
    }
    if (prefix > 0 && prefix >= load) {
      warnings.add(
          "profile \"%s\" has a prefix-cache-affinity-filter, and prefix scorers of weight %s beside"
                  .formatted(profile, prefix)
              + " others of weight %s: when the filter lets a request go elsewhere, they hold it back"
                  .formatted(load));
    }
  }

  private static boolean isOfPrefixes(Scorer scorer) {
    return scorer instanceof PrefixCacheScorer
        || scorer instanceof PrecisePrefixCacheScorer
        || scorer instanceof HostingPrecisePrefixCacheScorer;
  }
}
