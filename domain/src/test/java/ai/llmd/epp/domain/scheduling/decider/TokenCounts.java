package ai.llmd.epp.domain.scheduling.decider;

import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.request.ByteSink;
import java.util.List;

/** A tokenized request of which only the numbers are known: tokens and features by prompt. */
public record TokenCounts(List<Integer> counts, List<List<Feature>> features)
    implements TokenizedPrompt {

  /** One prompt without features. */
  public static TokenCounts of(int tokens) {
    return new TokenCounts(List.of(tokens), List.of(List.of()));
  }

  @Override
  public int prompts() {
    return counts.size();
  }

  @Override
  public int tokens(int prompt) {
    return counts.get(prompt);
  }

  @Override
  public void writeTokens(int prompt, ByteSink sink) {
    throw new UnsupportedOperationException("deciders read numbers only");
  }

  @Override
  public String cacheSalt() {
    return "";
  }

  @Override
  public List<Feature> features(int prompt) {
    return features.get(prompt);
  }
}
