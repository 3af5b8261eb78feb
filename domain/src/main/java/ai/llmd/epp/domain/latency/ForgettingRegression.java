package ai.llmd.epp.domain.latency;

import java.util.Arrays;

/**
 * Recursive least squares with forgetting: a linear function that is learned observation by
 * observation, the newest counting most. What counts is the error in relation to the value, so that
 * short and long times matter alike.
 *
 * <p>Each observation {@code (x, y)} is divided by {@code s = y^¼ p^¾}, where {@code p = wᵀ x} is
 * what was predicted. Divided by {@code y} alone the quick observations would count most, and all
 * predictions be too low; divided by {@code p} alone the slow ones would. In between the middle of
 * values that spread as a log-normal distribution does is found: {@code Σ y^½ / Σ y^-½}. With
 * {@code z = x / s} and {@code t = y / s} the update is {@code g = P z / (λ r + zᵀ P z)}, {@code w
 * += g (t − wᵀ z)}, {@code P = (P − g zᵀ P) / λ} (Haykin, Adaptive Filter Theory, chapter 10). The
 * covariance P never grows beyond its prior, where forgetting would let it in directions that no
 * observation shows. When the errors of the last observations have one sign and are large, the
 * machine behind them has become so many times as fast or slow: all weights are multiplied by as
 * much, and P becomes a part of the prior again.
 *
 * <p>One thread at a time learns; any thread predicts from {@link #weights()}.
 */
final class ForgettingRegression {

  private static final double FORGETTING = 0.99;
  private static final double NOISE_VARIANCE = 0.04; // of an observation, relative to it
  private static final double DRIFT_PACE = 0.2;
  private static final double MAX_DRIFT = 0.25; // of the logarithm of observed / predicted
  private static final double DOUBT = 0.03; // after a drift, as a share of the prior
  private static final double MAX_RATIO = 4; // of predicted to observed
  private static final int SETTLING = 8; // observations before a drift counts again

  private final double[] prior; // variances
  private final double floor;
  private final double[][] covariance;
  private double[] working;
  private double drift;
  private int sinceReset;
  private volatile double[] published;

  /**
   * @param prior variance of each weight before anything is observed
   * @param floor smallest value that errors are compared with, above 0
   */
  ForgettingRegression(double[] prior, double floor) {
    this(prior, floor, new double[prior.length], 0);
  }

  /**
   * @param weights what to begin with
   * @param certainty 0: as uncertain as the prior; towards 1: less
   */
  private ForgettingRegression(double[] prior, double floor, double[] weights, double certainty) {
    this.prior = prior;
    this.floor = floor;
    this.working = weights.clone();
    this.published = working;
    this.covariance = new double[prior.length][prior.length];
    reset(1 - certainty);
  }

  /**
   * One that begins with what is believed already, as uncertain as the prior.
   *
   * @param weights what to begin with
   */
  static ForgettingRegression from(double[] prior, double floor, double[] weights) {
    return new ForgettingRegression(prior, floor, weights, 0);
  }

  /** Another one that begins with what this one has learned, and is a little less sure of it. */
  ForgettingRegression offspring() {
    return new ForgettingRegression(prior, floor, published, 0.9);
  }

  private void reset(double scale) {
    for (int i = 0; i < prior.length; i++) {
      Arrays.fill(covariance[i], 0);
      covariance[i][i] = prior[i] * scale;
    }
    drift = 0;
    sinceReset = 0;
  }

  /** Learns one observation; what is not finite or not above 0 is passed over. */
  void learn(double[] x, double y) {
    if (!(y > 0) || !Double.isFinite(y)) {
      return;
    }
    double observed = Math.max(y, floor);
    double predicted = Math.max(dot(working, x), floor);
    watchDrift(y, predicted);
    double scale = 1 / scaleOf(observed, predicted);
    double[] z = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      z[i] = x[i] * scale;
    }
    update(z, y * scale);
    sinceReset++;
  }

  /** A prediction that is far off is no measure. */
  private static double scaleOf(double observed, double predicted) {
    double ratio = Math.clamp(predicted / observed, 1 / MAX_RATIO, MAX_RATIO);
    return observed * Math.pow(ratio, 0.75);
  }

  private void watchDrift(double observed, double predicted) {
    double error = Math.clamp(Math.log(Math.max(observed, floor) / predicted), -1, 1);
    drift += DRIFT_PACE * (error - drift);
    if (sinceReset >= SETTLING && Math.abs(drift) > MAX_DRIFT) {
      follow(Math.exp(drift));
    }
  }

  /** Takes the machine for one so many times as slow, and is unsure of it. */
  private void follow(double factor) {
    double[] next = working.clone();
    for (int i = 0; i < next.length; i++) {
      next[i] *= factor;
    }
    working = next;
    published = next;
    reset(DOUBT);
  }

  private void update(double[] z, double target) {
    int n = z.length;
    double[] spread = new double[n];
    double variance = FORGETTING * NOISE_VARIANCE;
    for (int i = 0; i < n; i++) {
      spread[i] = dot(covariance[i], z);
      variance += z[i] * spread[i];
    }
    double error = target - dot(working, z);
    double[] next = working.clone();
    for (int i = 0; i < n; i++) {
      next[i] += spread[i] / variance * error;
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double value = (covariance[i][j] - spread[i] * spread[j] / variance) / FORGETTING;
        covariance[i][j] = value;
        covariance[j][i] = value;
      }
    }
    bound();
    working = next;
    published = next;
  }

  /** Shrinks rows and columns whose variance has outgrown the prior; P stays a covariance. */
  private void bound() {
    for (int i = 0; i < prior.length; i++) {
      if (covariance[i][i] > prior[i]) {
        double factor = Math.sqrt(prior[i] / covariance[i][i]);
        for (int j = 0; j < prior.length; j++) {
          covariance[i][j] *= factor;
          covariance[j][i] *= factor;
        }
      }
    }
  }

  /** The weights as of now; read-only, any thread. */
  double[] weights() {
    return published;
  }

  static double dot(double[] one, double[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += one[i] * other[i];
    }
    return sum;
  }
}
