package ai.llmd.epp.domain.facts;

import org.jspecify.annotations.Nullable;

/**
 * How long each endpoint is expected to take for this request, by slot.
 *
 * <p>Data key {@code LatencyPredictionInfoDataKey/<producer>}. The array is not copied.
 *
 * @param bySlot null where nothing is predicted
 */
@SuppressWarnings("ArrayRecordComponent") // by slot, filled once and only read
public record LatencyPredictions(@Nullable Prediction[] bySlot) {

  /** The producer that is read when a plugin's parameters name none. */
  public static final String DEFAULT_PRODUCER = "predicted-latency-producer";

  /**
   * One endpoint's prediction.
   *
   * @param isTtftValid whether the time to first token keeps its objective
   * @param isTpotValid whether the time per output token keeps its objective
   * @param ttftHeadroomMillis objective minus prediction; negative when the objective is missed
   * @param tpotHeadroomMillis objective minus prediction; negative when the objective is missed
   * @param ttftMillis predicted time to first token
   * @param tpotMillis predicted time per output token
   * @param dispatchedRequests requests sent to the endpoint that have not come back
   */
  public record Prediction(
      boolean isTtftValid,
      boolean isTpotValid,
      double ttftHeadroomMillis,
      double tpotHeadroomMillis,
      double ttftMillis,
      double tpotMillis,
      int dispatchedRequests) {}

  public static FactKey<LatencyPredictions> key(String producer) {
    return new FactKey<>("LatencyPredictionInfoDataKey", producer, LatencyPredictions.class);
  }

  /** The key that a parameter names; an empty name means the default producer. */
  public static FactKey<LatencyPredictions> keyOrDefault(String producer) {
    return key(producer.isEmpty() ? DEFAULT_PRODUCER : producer);
  }

  /** Null where nothing is predicted. */
  public @Nullable Prediction at(int slot) {
    return slot < bySlot.length ? bySlot[slot] : null;
  }
}
