package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.EncoderCacheMatches;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.List;
import java.util.Set;

/**
 * Prefers endpoints that have encoded the request's images, videos and sounds before: the score is
 * the size of those held over the size of all. 0 where nothing is known, or nothing has a size.
 */
public final class MmEmbeddingsCacheScorer implements Scorer {

  public static final PluginType<Parameters> TYPE =
      PluginType.of("mm-embeddings-cache-scorer", new Parameters(""), MmEmbeddingsCacheScorer::new);

  /**
   * Whose matches count.
   *
   * @param producerName instance whose matches are read; empty means {@link
   *     EncoderCacheMatches#DEFAULT_PRODUCER}
   */
  public record Parameters(String producerName) {}

  private final FactKey<EncoderCacheMatches> key;

  public MmEmbeddingsCacheScorer(Parameters parameters) {
    this.key = EncoderCacheMatches.keyOrDefault(parameters.producerName());
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    EncoderCacheMatches matches = cycle.facts().get(key);
    double total = matches == null ? 0 : size(matches.items());
    if (matches == null || total <= 0) {
      return Scores.all(cycle, 0);
    }
    return Scores.of(cycle, candidate -> size(matches.matched(candidate.slot())) / total);
  }

  private static double size(List<EncoderCacheMatches.Item> items) {
    long size = 0;
    for (int i = 0; i < items.size(); i++) {
      size += items.get(i).size();
    }
    return size;
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(key);
  }
}
