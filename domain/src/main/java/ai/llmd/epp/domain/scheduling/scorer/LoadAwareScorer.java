package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.LoadFields;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Set;

/**
 * Prefers endpoints whose queue is short against a fixed threshold: {@code 0.5 * (1 - min(queue,
 * threshold) / threshold)}, so 0.5 for an empty queue and 0 from the threshold on. Unlike {@link
 * QueueScorer} it does not depend on how the other candidates do. A server that has never reported
 * its queue stays unscored.
 */
public final class LoadAwareScorer implements Scorer {

  private static final double BEST = 0.5;

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
          "load-aware-scorer", new Parameters(Parameters.DEFAULT_THRESHOLD), LoadAwareScorer::new);

  /**
   * Which queue is too long.
   *
   * @param threshold queue length from which the score is 0, in requests; 0 and less mean 128
   */
  public record Parameters(int threshold) {

    private static final int DEFAULT_THRESHOLD = 128;

    public Parameters {
      threshold = threshold > 0 ? threshold : DEFAULT_THRESHOLD;
    }
  }

  private final double threshold;

  public LoadAwareScorer(Parameters parameters) {
    this.threshold = parameters.threshold();
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    return Scores.ofReported(
        cycle,
        candidate -> candidate.load().reported().waitingRequests(),
        candidate -> scoreOf(candidate.load().waitingRequests()));
  }

  private double scoreOf(int waitingRequests) {
    if (waitingRequests <= 0) {
      return BEST;
    }
    return BEST * (1 - Math.min(waitingRequests, threshold) / threshold);
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(LoadFields.WAITING_REQUESTS);
  }
}
