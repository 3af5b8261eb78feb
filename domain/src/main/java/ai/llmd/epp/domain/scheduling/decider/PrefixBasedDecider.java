package ai.llmd.epp.domain.scheduling.decider;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.scheduling.Decider;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import org.jspecify.annotations.Nullable;

/**
 * Gives the stage to prompts of which the decoding endpoint would have much to compute: {@code
 * tokens - cachedBlocks * blockTokens >= nonCachedTokens}.
 *
 * <p>Reads the matches of the default prefix producer, whoever else produces some. Without them, or
 * without an endpoint to decode on, the answer is no.
 */
public final class PrefixBasedDecider implements Decider {

  public static final PluginType<Parameters> TYPE =
      PluginType.of("prefix-based-pd-decider", new Parameters(0, 0), PrefixBasedDecider::new);

  private static final FactKey<PrefixMatches> MATCHES =
      PrefixMatches.key(PrefixMatches.DEFAULT_PRODUCER);

  /**
   * From when on a stage of its own pays.
   *
   * @param nonCachedTokens prompt tokens that the decoding endpoint has not cached, at least so
   *     many; 0 decides against every request
   * @param promptTokens tokens of the whole prompt, at least so many; 0 requires none
   */
  public record Parameters(int nonCachedTokens, int promptTokens) {

    public Parameters {
      if (nonCachedTokens < 0) {
        throw new IllegalArgumentException(
            "nonCachedTokens must be 0 or more, was " + nonCachedTokens);
      }
      if (promptTokens < 0) {
        throw new IllegalArgumentException("promptTokens must be 0 or more, was " + promptTokens);
      }
    }
  }

  private final Parameters parameters;

  public PrefixBasedDecider(Parameters parameters) {
    this.parameters = parameters;
  }

  @Override
  public boolean disaggregates(SchedulingCycle cycle, @Nullable Candidate decode) {
    if (parameters.nonCachedTokens() == 0 || decode == null) {
      return false;
    }
    TokenizedPrompt tokenized = cycle.facts().get(TokenizedPrompt.KEY);
    long tokens = tokenized == null ? 0 : tokenized.totalTokens();
    if (tokens < parameters.promptTokens() || tokens < parameters.nonCachedTokens()) {
      return false;
    }
    PrefixMatches matches = cycle.facts().get(MATCHES);
    if (matches == null || !matches.isKnown(decode.slot())) {
      return false;
    }
    long cached = (long) matches.cachedBlocks(decode.slot()) * matches.blockTokens(decode.slot());
    return tokens - cached >= parameters.nonCachedTokens();
  }
}
