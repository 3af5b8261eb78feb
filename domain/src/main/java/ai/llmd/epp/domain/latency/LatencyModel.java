package ai.llmd.epp.domain.latency;

import org.jspecify.annotations.Nullable;

/**
 * Predicts the times of one endpoint, or of all, from what was observed. Learning takes a lock and
 * some microseconds; predicting takes none.
 */
public final class LatencyModel {

  /** Before as many, nothing is predicted. */
  static final int MIN_OBSERVATIONS = 10;

  private static final double TTFT_FLOOR_MILLIS = 5;
  private static final double TPOT_FLOOR_MILLIS = 0.5;

  private final ForgettingRegression ttft;
  private final ForgettingRegression tpot;
  private volatile int ttftObservations;
  private volatile int tpotObservations;

  /** A model that knows nothing. */
  public LatencyModel() {
    this(
        new ForgettingRegression(LatencyRow.ttftPrior(), TTFT_FLOOR_MILLIS),
        new ForgettingRegression(LatencyRow.tpotPrior(), TPOT_FLOOR_MILLIS),
        0,
        0);
  }

  private LatencyModel(
      ForgettingRegression ttft,
      ForgettingRegression tpot,
      int ttftObservations,
      int tpotObservations) {
    this.ttft = ttft;
    this.tpot = tpot;
    this.ttftObservations = ttftObservations;
    this.tpotObservations = tpotObservations;
  }

  /** Another endpoint's model, which begins with what this one knows. */
  public synchronized LatencyModel offspring() {
    return new LatencyModel(ttft.offspring(), tpot.offspring(), ttftObservations, tpotObservations);
  }

  /** Learns one time. */
  public synchronized void learn(LatencyObservation observation) {
    LatencyRow row = observation.row();
    switch (observation.kind()) {
      case FIRST_TOKEN, WHOLE_ANSWER -> {
        ttft.learn(row.ttftFeatures(), observation.millis());
        ttftObservations++;
      }
      case FURTHER_TOKENS -> {
        tpot.learn(row.tpotFeatures(), observation.millis());
        tpotObservations++;
      }
    }
  }

  /** Whether there is anything to predict from. */
  public boolean isReady() {
    return ttftObservations >= MIN_OBSERVATIONS;
  }

  /** Expected time to the first token, in milliseconds, above 0. */
  public double ttftMillis(LatencyRow row) {
    return above0(ForgettingRegression.dot(ttft.weights(), row.ttftFeatures()));
  }

  /** Expected time of a further token, in milliseconds; 0 while none was observed. */
  public double tpotMillis(LatencyRow row) {
    return tpotObservations < MIN_OBSERVATIONS
        ? 0
        : above0(ForgettingRegression.dot(tpot.weights(), row.tpotFeatures()));
  }

  private static double above0(double millis) {
    return Math.max(millis, 0.01);
  }

  /** One of two models: the first that is ready; null when neither is. */
  static @Nullable LatencyModel ready(@Nullable LatencyModel own, LatencyModel all) {
    if (own != null && own.isReady()) {
      return own;
    }
    return all.isReady() ? all : null;
  }
}
