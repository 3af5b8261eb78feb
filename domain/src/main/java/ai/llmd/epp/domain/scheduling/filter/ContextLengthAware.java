package ai.llmd.epp.domain.scheduling.filter;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Set;

/**
 * Sends a prompt to endpoints that are meant for its length: a label has {@code min-max}, in
 * tokens, both included.
 *
 * <p>As a scorer it prefers narrow ranges and those whose end is far: with {@code c} tokens in a
 * range of width {@code w}, {@code 0.3 + 0.7 * (0.7 / (1 + w / 10000) + 0.3 * (max - c) / w)}, or 1
 * when the range is one number. Outside, at distance {@code d} from it, {@code 0.3 / (1 + d /
 * 1000)}. An endpoint without the label scores 0.5, one with an unreadable label 0.
 *
 * <p>As a filter, when configured as one, it drops endpoints whose range the prompt misses, and
 * those with an unreadable label; it may drop all.
 */
public final class ContextLengthAware implements Filter, Scorer {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
          "context-length-aware",
          new Parameters("llm-d.ai/context-length-range", false),
          ContextLengthAware::new);

  /**
   * Which label, and how strictly it counts.
   *
   * @param label key of the label with the range; not empty
   * @param enableFiltering whether endpoints are dropped, too
   */
  public record Parameters(String label, boolean enableFiltering) {

    public Parameters {
      if (label.isEmpty()) {
        throw new IllegalArgumentException("label must not be empty");
      }
    }
  }

  private static final double UNLABELLED = 0.5;
  private static final double UNREADABLE = 0;

  private final String label;
  private final boolean isFiltering;

  public ContextLengthAware(Parameters parameters) {
    this.label = parameters.label();
    this.isFiltering = parameters.enableFiltering();
  }

  @Override
  public Candidates filter(SchedulingCycle cycle) {
    if (!isFiltering) {
      return cycle.candidates();
    }
    long tokens = tokens(cycle);
    return cycle.candidates().where(candidate -> isFor(candidate, tokens));
  }

  private boolean isFor(Candidate candidate, long tokens) {
    String text = candidate.endpoint().labels().get(label);
    if (text == null) {
      return true;
    }
    TokenRange range = TokenRange.parse(text);
    return range != null && range.distance(tokens) == 0;
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    long tokens = tokens(cycle);
    return Scores.of(cycle, candidate -> scoreOf(candidate, tokens));
  }

  private double scoreOf(Candidate candidate, long tokens) {
    String text = candidate.endpoint().labels().get(label);
    if (text == null) {
      return UNLABELLED;
    }
    TokenRange range = TokenRange.parse(text);
    return range == null ? UNREADABLE : scoreOf(range, tokens);
  }

  private static double scoreOf(TokenRange range, long tokens) {
    double distance = range.distance(tokens);
    if (distance > 0) {
      return 0.3 / (1 + distance / 1_000);
    }
    double width = range.max() - range.min();
    if (width == 0) {
      return 1;
    }
    double narrowness = 1 / (1 + width / 10_000);
    double room = (range.max() - tokens) / width;
    return 0.3 + 0.7 * (0.7 * narrowness + 0.3 * room);
  }

  private static long tokens(SchedulingCycle cycle) {
    TokenizedPrompt prompt = cycle.facts().get(TokenizedPrompt.KEY);
    return prompt == null ? 0 : prompt.totalTokens();
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(TokenizedPrompt.KEY);
  }
}
