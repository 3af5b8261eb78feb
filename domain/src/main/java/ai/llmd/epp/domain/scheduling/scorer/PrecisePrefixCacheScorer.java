package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.List;
import java.util.Set;

/**
 * Prefers endpoints that hold much of the prompt, as their own cache events show: a {@code
 * prefix-cache-scorer} bound to the {@code precise-prefix-cache-producer} that was built before it.
 * Kept for old configurations; a {@code prefix-cache-scorer} that names its producer does the same.
 *
 * <p>Without such a producer it reads matches under its own name. It does not host a producer
 * itself, so a start in which no other plugin produces them is refused.
 */
public final class PrecisePrefixCacheScorer implements Scorer {

  private static final String PRODUCER_TYPE = "precise-prefix-cache-producer";

  public static final PluginType<NoParameters> TYPE =
      PluginType.withContext(
          "precise-prefix-cache-scorer",
          new NoParameters(),
          (ignored, context) -> new PrecisePrefixCacheScorer(producerOf(context)));

  private final PrefixCacheScorer scorer;

  /**
   * @param producer instance whose matches are read
   */
  public PrecisePrefixCacheScorer(String producer) {
    this.scorer = new PrefixCacheScorer(new PrefixCacheScorer.Parameters(producer, 0, 0));
  }

  private static String producerOf(PluginContext context) {
    List<String> producers =
        context.plugins().stream()
            .filter(plugin -> plugin.type().equals(PRODUCER_TYPE))
            .map(Named<Plugin>::name)
            .toList();
    if (producers.size() > 1) {
      throw new IllegalArgumentException(
          "reads one " + PRODUCER_TYPE + ", there are " + String.join(", ", producers));
    }
    return producers.isEmpty() ? context.name() : producers.getFirst();
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    return scorer.score(cycle);
  }

  @Override
  public Set<FactKey<?>> requires() {
    return scorer.requires();
  }
}
