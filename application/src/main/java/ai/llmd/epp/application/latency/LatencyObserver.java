package ai.llmd.epp.application.latency;

import ai.llmd.epp.domain.routing.RequestLabels;

/** Receives how long requests took, and what was predicted, to show it. Never blocks. */
@FunctionalInterface
public interface LatencyObserver {

  /** An observer that does not care; for tests. */
  LatencyObserver NONE = (producer, labels, outcome) -> {};

  /**
   * A request is over.
   *
   * @param producer instance name of the plugin that predicted
   */
  void ended(String producer, RequestLabels labels, Outcome outcome);

  /**
   * The prediction servers did not answer usefully, or were not asked since they keep failing; the
   * times of a request are those of this process's own models.
   *
   * @param producer instance name of the plugin that predicts
   */
  default void predictedInProcess(String producer) {}

  /**
   * Times of one request, in milliseconds; NaN where one is not known.
   *
   * @param ttft to the first token
   * @param predictedTtft what was predicted for the endpoint that computed the prompt
   * @param tpot of each further token, on average
   * @param predictedTpot what was predicted for the endpoint that answered
   * @param predicting how long predicting took
   * @param isTtftMissed whether the client's objective for the first token was missed
   * @param isTpotMissed whether the client's objective for further tokens was missed
   */
  record Outcome(
      double ttft,
      double predictedTtft,
      double tpot,
      double predictedTpot,
      double predicting,
      boolean isTtftMissed,
      boolean isTpotMissed) {}
}
