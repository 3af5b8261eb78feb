package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.UncachedTokens;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Prefers endpoints with fewer tokens to work off, this request's uncached ones included: {@code 1
 * - min(tokens, threshold) / threshold}.
 */
public final class TokenLoadScorer implements Scorer {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
          "token-load-scorer",
          new Parameters(Parameters.DEFAULT_THRESHOLD, ""),
          TokenLoadScorer::new);

  /**
   * How many tokens are too many, and who counts them.
   *
   * @param queueThresholdTokens tokens from which the score is 0; 0 and less mean 4194304
   * @param inFlightLoadProducerName instance whose counts are read; empty means {@link
   *     InFlightLoad#DEFAULT_PRODUCER}
   */
  public record Parameters(long queueThresholdTokens, String inFlightLoadProducerName) {

    private static final long DEFAULT_THRESHOLD = 4L << 20;

    public Parameters {
      queueThresholdTokens = queueThresholdTokens > 0 ? queueThresholdTokens : DEFAULT_THRESHOLD;
    }
  }

  private final FactKey<InFlightLoad> inFlightKey;
  private final FactKey<UncachedTokens> uncachedKey;
  private final double threshold;

  public TokenLoadScorer(Parameters parameters) {
    this.inFlightKey = InFlightLoad.keyOrDefault(parameters.inFlightLoadProducerName());
    this.uncachedKey = UncachedTokens.keyOrDefault(parameters.inFlightLoadProducerName());
    this.threshold = parameters.queueThresholdTokens();
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    InFlightLoad inFlight = cycle.facts().get(inFlightKey);
    UncachedTokens uncached = cycle.facts().get(uncachedKey);
    return Scores.of(cycle, candidate -> scoreOf(inFlight, uncached, candidate.slot()));
  }

  private double scoreOf(
      @Nullable InFlightLoad inFlight, @Nullable UncachedTokens uncached, int slot) {
    // summed as doubles: counts near the end of the range must not wrap around to "idle"
    double tokens = inFlight == null ? 0 : inFlight.tokens(slot);
    tokens += uncached == null ? 0 : uncached.tokens(slot);
    return tokens <= 0 ? 1 : 1 - Math.min(tokens, threshold) / threshold;
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(inFlightKey, uncachedKey);
  }
}
