package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Spreads cold requests, those of whose prompt no candidate holds anything: endpoints that never
 * got one come first, in the order of the candidates, then those whose last one is the longest ago.
 *
 * <p>Of {@code n} candidates the first scores 1 and each next one {@code 1 / (n - 1)} less, down to
 * 0; endpoints that are remembered but no candidates take their places too. A request that is not
 * cold leaves the choice to other scorers: 0.5 for all.
 *
 * <p>Whether a request is cold travels with its facts, so that the pick of a cold one can be
 * recorded before it leaves. Any thread.
 */
public final class NoHitLruScorer implements Scorer, PreRequest {

  private static final double NEUTRAL = 0.5;

  /** The profile whose pick is recorded beside the destination. */
  private static final String PREFILL_PROFILE = "prefill";

  public static final PluginType<Parameters> TYPE =
      PluginType.withContext(
          "no-hit-lru-scorer",
          new Parameters(Parameters.DEFAULT_LRU_SIZE, "", "", ""),
          (parameters, context) -> new NoHitLruScorer(parameters, context.name()));

  /**
   * How much is remembered, and whose matches make a request cold.
   *
   * @param lruSize endpoints remembered; the one whose last cold request is the longest ago goes
   *     first; 0 and less mean 1024
   * @param prefixMatchInfoProducerName instance whose matches are read; empty means {@link
   *     PrefixMatches#DEFAULT_PRODUCER}
   * @param prefixPluginType deprecated, without effect
   * @param prefixPluginName deprecated, without effect
   */
  public record Parameters(
      int lruSize,
      String prefixMatchInfoProducerName,
      String prefixPluginType,
      String prefixPluginName) {

    private static final int DEFAULT_LRU_SIZE = 1024;

    public Parameters {
      lruSize = lruSize > 0 ? lruSize : DEFAULT_LRU_SIZE;
    }
  }

  private final FactKey<PrefixMatches> matchesKey;

  /** This instance's own note; no other plugin reads it. */
  private final FactKey<Boolean> coldKey;

  private final RecentPicks recentPicks;

  /**
   * @param name the instance's name, which separates its notes from those of other instances
   */
  public NoHitLruScorer(Parameters parameters, String name) {
    this.matchesKey = PrefixMatches.keyOrDefault(parameters.prefixMatchInfoProducerName());
    this.coldKey = new FactKey<>("ColdRequest", name, Boolean.class);
    this.recentPicks = new RecentPicks(parameters.lruSize());
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    boolean isCold = isCold(cycle);
    cycle.facts().put(coldKey, isCold); // of several profiles the last one counts
    if (!isCold) {
      return Scores.all(cycle, NEUTRAL);
    }
    return cycle.candidates().size() == 1 ? Scores.all(cycle, 1) : byRecency(cycle);
  }

  private boolean isCold(SchedulingCycle cycle) {
    PrefixMatches matches = cycle.facts().get(matchesKey);
    if (matches == null) {
      return true;
    }
    Candidates candidates = cycle.candidates();
    for (int i = 0; i < candidates.size(); i++) {
      if (matches.matchedBlocks(candidates.get(i).slot()) > 0) {
        return false;
      }
    }
    return true;
  }

  private Scores byRecency(SchedulingCycle cycle) {
    Candidates candidates = cycle.candidates();
    int[] places = recentPicks.positions(candidates);
    int never = 0;
    for (int i = 0; i < candidates.size(); i++) {
      int slot = candidates.get(i).slot();
      if (places[slot] == RecentPicks.NEVER) {
        places[slot] = -1 - never; // negative: the place among those never picked
        never++;
      }
    }
    int first = never;
    double last = candidates.size() - 1;
    return Scores.of(
        cycle,
        candidate -> {
          int place = places[candidate.slot()];
          return Math.max(0, 1 - (place < 0 ? -1 - place : first + place) / last);
        });
  }

  @Override
  public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
    if (Boolean.TRUE.equals(routed.facts().get(coldKey))) {
      recentPicks.record(firstOf(routed.primary()));
      routed
          .results()
          .find(PREFILL_PROFILE)
          .ifPresent(prefill -> recentPicks.record(firstOf(prefill)));
    }
    return null;
  }

  /** Endpoints that got a cold request, the one whose last is the longest ago first. */
  public List<EndpointId> leastRecentFirst() {
    return recentPicks.oldestFirst();
  }

  private static EndpointId firstOf(ProfileResult result) {
    return result.picks().get(0).endpoint().id();
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(matchesKey);
  }
}
