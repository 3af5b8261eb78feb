package ai.llmd.epp.domain.latency;

/**
 * What a time is predicted from: a request and an endpoint as they were when the request was sent,
 * or would be. The names are those of the reference's prediction servers.
 *
 * @param kvCachePercentage share of the KV cache in use, 0 to 1
 * @param inputTokens tokens of the request's prompts
 * @param waitingRequests requests that the endpoint queues
 * @param runningRequests requests sent to the endpoint that have not come back
 * @param generatedTokens tokens of the answer so far
 * @param prefixCacheScore share of the prompt's blocks that the endpoint has cached, 0 to 1
 * @param encoderInputSize size of the images, videos and sounds
 * @param encoderMatchedSize size of those that the endpoint has encoded before
 * @param podType role of the endpoint; empty when roles are not told apart
 * @param tokensInFlight prompt tokens sent to the endpoint whose computation has not ended
 * @param computingMillis for how long the endpoint has been computing the first of these; the
 *     servers are not asked about it
 */
public record LatencyRow(
    double kvCachePercentage,
    long inputTokens,
    int waitingRequests,
    long runningRequests,
    long generatedTokens,
    double prefixCacheScore,
    int encoderInputSize,
    int encoderMatchedSize,
    String podType,
    long tokensInFlight,
    double computingMillis) {

  private static final double THOUSAND = 1_000;

  /** A row of an endpoint that has just begun with what was sent to it. */
  public LatencyRow(
      double kvCachePercentage,
      long inputTokens,
      int waitingRequests,
      long runningRequests,
      long generatedTokens,
      double prefixCacheScore,
      int encoderInputSize,
      int encoderMatchedSize,
      String podType,
      long tokensInFlight) {
    this(
        kvCachePercentage,
        inputTokens,
        waitingRequests,
        runningRequests,
        generatedTokens,
        prefixCacheScore,
        encoderInputSize,
        encoderMatchedSize,
        podType,
        tokensInFlight,
        0);
  }

  /** As it is learned from when the answer has begun. */
  public LatencyRow generated(long tokens) {
    return new LatencyRow(
        kvCachePercentage,
        inputTokens,
        waitingRequests,
        runningRequests,
        tokens,
        0,
        encoderInputSize,
        encoderMatchedSize,
        podType,
        tokensInFlight,
        computingMillis);
  }

  /** What the time to the first token depends on, roughly in proportion. */
  double[] ttftFeatures() {
    double uncached = inputTokens * (1 - prefixCacheScore);
    return new double[] {
      1,
      uncached / THOUSAND,
      inputTokens / THOUSAND,
      tokensInFlight / THOUSAND,
      waitingRequests,
      runningRequests,
      kvCachePercentage,
      encoderInputSize - encoderMatchedSize,
      computingMillis
    };
  }

  /** Variances of the weights before anything is known, in milliseconds per unit, squared. */
  static double[] ttftPrior() {
    return new double[] {1e4, 1e5, 1e2, 1e5, 1e4, 1e3, 1e4, 1e3, 1};
  }

  /** What the time of a further token depends on, roughly in proportion. */
  double[] tpotFeatures() {
    return new double[] {
      1, runningRequests, kvCachePercentage, waitingRequests, tokensInFlight / THOUSAND
    };
  }

  /** Variances of the weights before anything is known, in milliseconds per unit, squared. */
  static double[] tpotPrior() {
    return new double[] {1e3, 1e1, 1e3, 1, 1e1};
  }
}
