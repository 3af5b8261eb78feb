package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Set;

/**
 * Prefers endpoints with fewer requests in flight. Up to the idle threshold the score is 1; above
 * it {@code (max - n) / max * maxBusyScore}, where {@code max} is the candidates' largest number.
 */
public final class ActiveRequestScorer implements Scorer {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
          "active-request-scorer", new Parameters(0, 1, "", ""), ActiveRequestScorer::new);

  /**
   * Where busy begins, and what it is worth.
   *
   * @param idleThreshold requests in flight up to which an endpoint counts as idle; negative means
   *     0
   * @param maxBusyScore best score of an endpoint that is not idle; outside {@code [0, 1]} means 1
   * @param inFlightLoadProducerName instance whose counts are read; empty means {@link
   *     InFlightLoad#DEFAULT_PRODUCER}
   * @param requestTimeout deprecated, without effect
   */
  public record Parameters(
      int idleThreshold,
      double maxBusyScore,
      String inFlightLoadProducerName,
      String requestTimeout) {

    public Parameters {
      idleThreshold = Math.max(0, idleThreshold);
      maxBusyScore = maxBusyScore >= 0 && maxBusyScore <= 1 ? maxBusyScore : 1;
    }
  }

  private final FactKey<InFlightLoad> key;
  private final long idleThreshold;
  private final double maxBusyScore;

  public ActiveRequestScorer(Parameters parameters) {
    this.key = InFlightLoad.keyOrDefault(parameters.inFlightLoadProducerName());
    this.idleThreshold = parameters.idleThreshold();
    this.maxBusyScore = parameters.maxBusyScore();
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    InFlightLoad inFlight = cycle.facts().get(key);
    if (inFlight == null) {
      return Scores.all(cycle, 1);
    }
    double max = mostRequests(cycle.candidates(), inFlight);
    return Scores.of(
        cycle,
        candidate -> {
          long requests = inFlight.requests(candidate.slot());
          return requests <= idleThreshold ? 1 : (max - requests) / max * maxBusyScore;
        });
  }

  private static long mostRequests(Candidates candidates, InFlightLoad inFlight) {
    long max = 0;
    for (int i = 0; i < candidates.size(); i++) {
      max = Math.max(max, inFlight.requests(candidates.get(i).slot()));
    }
    return max;
  }

  @Override
  public Set<FactKey<?>> requires() {
    return Set.of(key);
  }
}
