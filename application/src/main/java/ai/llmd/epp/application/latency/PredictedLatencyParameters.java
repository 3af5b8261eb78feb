package ai.llmd.epp.application.latency;

import ai.llmd.epp.domain.catalogue.Outdated;
import ai.llmd.epp.domain.facts.EncoderCacheMatches;
import ai.llmd.epp.domain.facts.InFlightLoad;
import ai.llmd.epp.domain.facts.PrefixMatches;
import java.util.ArrayList;
import java.util.List;

/**
 * What is predicted, and from which facts.
 *
 * @param sloBufferFactor factor of the objective for further tokens, above 0
 * @param contextTTL nanoseconds; of no effect, since nothing is kept beside the request
 * @param streamingMode whether responses are streamed: only then is there a time to the first token
 *     and one between tokens; otherwise the whole time counts as that to the first token
 * @param endpointRoleLabel label with an endpoint's role; empty when roles are not told apart
 * @param predictInProduce whether times are predicted at all, or only learned
 * @param prefixMatchInfoProducerName instance whose matches are read; empty means {@link
 *     PrefixMatches#DEFAULT_PRODUCER}
 * @param inFlightLoadProducerName instance whose counts are read; empty means {@link
 *     InFlightLoad#DEFAULT_PRODUCER}
 * @param encoderCacheMatchInfoProducerName instance whose matches are read; empty means {@link
 *     EncoderCacheMatches#DEFAULT_PRODUCER}
 * @param useEncoderCacheFeatures whether images, videos and sounds count
 * @param samplingMean deprecated, of no effect
 * @param maxDecodeTokenSamplesForPrediction deprecated, of no effect
 */
public record PredictedLatencyParameters(
    double sloBufferFactor,
    long contextTTL,
    boolean streamingMode,
    String endpointRoleLabel,
    boolean predictInProduce,
    String prefixMatchInfoProducerName,
    String inFlightLoadProducerName,
    String encoderCacheMatchInfoProducerName,
    boolean useEncoderCacheFeatures,
    double samplingMean,
    int maxDecodeTokenSamplesForPrediction)
    implements Outdated {

  private static final double SAMPLING_MEAN = 1_000;

  static final PredictedLatencyParameters DEFAULT =
      new PredictedLatencyParameters(
          1, 300_000_000_000L, false, "", true, "", "", "", false, SAMPLING_MEAN, 0);

  public PredictedLatencyParameters {
    if (!(sloBufferFactor > 0)) { // also refuses NaN
      throw new IllegalArgumentException("sloBufferFactor must be above 0, was " + sloBufferFactor);
    }
  }

  @Override
  public List<String> deprecations() {
    List<String> hints = new ArrayList<>();
    if (samplingMean != SAMPLING_MEAN) {
      hints.add("samplingMean has no effect any more");
    }
    if (maxDecodeTokenSamplesForPrediction != 0) {
      hints.add("maxDecodeTokenSamplesForPrediction has no effect any more");
    }
    return hints;
  }
}
