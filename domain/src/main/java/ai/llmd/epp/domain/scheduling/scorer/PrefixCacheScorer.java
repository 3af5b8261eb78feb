package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Set;

/**
 * Prefers endpoints that hold much of the prompt in their prefix cache.
 *
 * <p>With {@code m} of {@code t} blocks of {@code b} tokens matched, the score is {@code w * length
 * + (1 - w) * m / t}, where {@code length = min(1, m * b / scale)²} rewards long matches in
 * absolute terms. 0 where nothing is known.
 */
public final class PrefixCacheScorer implements Scorer {

  public static final PluginType<Parameters> TYPE =
      PluginType.of("prefix-cache-scorer", new Parameters("", 0, 8192), PrefixCacheScorer::new);

  /** The same rule under the name for endpoints that each stand for a cluster. */
  public static final PluginType<Parameters> MULTICLUSTER_TYPE =
      PluginType.of("multicluster-prefix-cache-scorer", TYPE.defaults(), PrefixCacheScorer::new)
          .alpha();

  /**
   * Whose matches count, and how much their length does.
   *
   * @param prefixMatchInfoProducerName instance whose matches are read; empty means {@link
   *     PrefixMatches#DEFAULT_PRODUCER}
   * @param matchLengthWeight {@code w}, within {@code [0, 1]}
   * @param matchLengthScaleTokens tokens from which a match counts as long; above 0 when {@code w}
   *     is above 0
   */
  public record Parameters(
      String prefixMatchInfoProducerName, double matchLengthWeight, int matchLengthScaleTokens) {

    public Parameters {
      if (!(matchLengthWeight >= 0 && matchLengthWeight <= 1)) {
        throw new IllegalArgumentException(
            "matchLengthWeight must be within 0 and 1, was " + matchLengthWeight);
      }
      if (matchLengthWeight > 0 && matchLengthScaleTokens <= 0) {
        throw new IllegalArgumentException(
            "matchLengthScaleTokens must be above 0 when matchLengthWeight is, was "
                + matchLengthScaleTokens);
      }
    }
  }

  private final FactKey<PrefixMatches> key;
  private final double lengthWeight;
  private final double scaleTokens;

  public PrefixCacheScorer(Parameters parameters) {
    this.key = PrefixMatches.keyOrDefault(parameters.prefixMatchInfoProducerName());
    this.lengthWeight = parameters.matchLengthWeight();
    this.scaleTokens = parameters.matchLengthScaleTokens();
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    PrefixMatches matches = cycle.facts().get(key);
    if (matches == null) {
      return Scores.all(cycle, 0);
    }
    return Scores.of(cycle, candidate -> scoreOf(matches, candidate.slot()));
  }

  private double scoreOf(PrefixMatches matches, int slot) {
    double total = matches.totalBlocks(slot);
    if (total <= 0) {
      return 0;
    }
    double matched = matches.matchedBlocks(slot);
    double ratio = matched / total;
    return lengthWeight * lengthOf(matched, matches.blockTokens(slot)) + (1 - lengthWeight) * ratio;
  }

  private double lengthOf(double matchedBlocks, int blockTokens) {
    if (lengthWeight <= 0 || blockTokens <= 0) {
      return 0;
    }
    double share = Math.min(1, matchedBlocks * blockTokens / scaleTokens);
    return share * share;
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(key);
  }
}
