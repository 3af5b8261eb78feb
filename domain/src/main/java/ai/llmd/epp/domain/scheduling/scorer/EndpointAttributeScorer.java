package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.EndpointAttribute;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Prefers endpoints by any number that they report: the score is where the number lies between the
 * ends of a range, {@code (x - min) / (max - min)}, or 1 minus that when lower is better.
 *
 * <p>A fixed range cuts what lies outside. An adaptive one spans the candidates' finite numbers; if
 * they are all equal they all score 1. An endpoint without the number scores 0, and so does one
 * whose number is NaN, or infinite in an adaptive range.
 */
public final class EndpointAttributeScorer implements Scorer {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
              "endpoint-attribute-scorer",
              new Parameters("", null, new Algorithm(null, new Normalization(null, null))),
              EndpointAttributeScorer::new)
          .alpha();

  /**
   * Which number counts, and how.
   *
   * @param attributeKey name of the number; required
   * @param producer extractor of the number, may be empty; without it {@link
   *     EndpointAttribute#DEFAULT_EXTRACTOR}
   */
  public record Parameters(String attributeKey, @Nullable String producer, Algorithm algorithm) {

    public Parameters {
      if (producer == null && attributeKey.indexOf('/') >= 0) {
        throw new IllegalArgumentException(
            "attributeKey must not contain '/' unless producer is given, was \""
                + attributeKey
                + '"');
      }
    }

    private EndpointAttribute attribute() {
      return EndpointAttribute.of(
          attributeKey, producer == null ? EndpointAttribute.DEFAULT_EXTRACTOR : producer);
    }
  }

  /**
   * From a number to a score.
   *
   * @param type which end of the range is the good one; required
   */
  public record Algorithm(@Nullable Direction type, Normalization normalization) {}

  /** Which end of the range is the good one. */
  public enum Direction {
    LOWER_IS_BETTER("linear_lower_is_better"),
    HIGHER_IS_BETTER("linear_higher_is_better");

    private final String label;

    Direction(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  /**
   * The range that numbers are measured against; one of the two, adaptive when neither is given.
   *
   * @param fixedRange the same range for all requests
   * @param adaptiveRange from the lowest to the highest number of the candidates
   */
  public record Normalization(
      @Nullable FixedRange fixedRange, @Nullable AdaptiveRange adaptiveRange) {

    public Normalization {
      if (fixedRange != null && adaptiveRange != null) {
        throw new IllegalArgumentException("fixedRange and adaptiveRange exclude each other");
      }
    }
  }

  /**
   * A range whose ends are known.
   *
   * @param min number of the lowest share, below {@code max}
   * @param max number of the highest share
   */
  public record FixedRange(double min, double max) {

    public FixedRange {
      double width = max - min;
      if (!(width > 0 && Double.isFinite(width))) {
        throw new IllegalArgumentException(
            "fixedRange must have a min below its max and a finite width, was "
                + min
                + " to "
                + max);
      }
    }
  }

  /** Uses the range of the candidates; there is nothing more to configure. */
  public record AdaptiveRange() {}

  private final EndpointAttribute attribute;
  private final boolean isLowerBetter;
  private final @Nullable Range fixedRange;

  /**
   * @throws IllegalArgumentException when a required parameter is missing
   */
  public EndpointAttributeScorer(Parameters parameters) {
    Direction direction = parameters.algorithm().type();
    if (parameters.attributeKey().isEmpty()) {
      throw new IllegalArgumentException("attributeKey is required");
    }
    if (direction == null) {
      throw new IllegalArgumentException("algorithm.type is required");
    }
    FixedRange range = parameters.algorithm().normalization().fixedRange();
    this.attribute = parameters.attribute();
    this.isLowerBetter = direction == Direction.LOWER_IS_BETTER;
    this.fixedRange = range == null ? null : new Range(range.min(), range.max());
  }

  private record Range(double min, double max) {

    boolean isOneNumber() {
      return min == max;
    }

    double shareOf(double x) {
      return Math.clamp((x - min) / (max - min), 0, 1);
    }
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    Range fixed = fixedRange;
    if (fixed != null) {
      return Scores.of(cycle, candidate -> scoreOf(attribute.orNaN(candidate.load()), fixed));
    }
    Range adaptive = rangeOf(cycle.candidates());
    return Scores.of(cycle, candidate -> scoreOf(finiteOrNaN(candidate), adaptive));
  }

  private Range rangeOf(Candidates candidates) {
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < candidates.size(); i++) {
      double x = finiteOrNaN(candidates.get(i));
      if (!Double.isNaN(x)) {
        min = Math.min(min, x);
        max = Math.max(max, x);
      }
    }
    return new Range(min, max);
  }

  /** Cut so that the difference of two is finite. */
  private double finiteOrNaN(Candidate candidate) {
    double x = attribute.orNaN(candidate.load());
    return Double.isFinite(x)
        ? Math.clamp(x, -Double.MAX_VALUE / 2, Double.MAX_VALUE / 2)
        : Double.NaN;
  }

  private double scoreOf(double x, Range range) {
    if (Double.isNaN(x)) {
      return 0;
    }
    if (range.isOneNumber()) {
      return 1; // in either direction: none is worse
    }
    double share = range.shareOf(x);
    return isLowerBetter ? 1 - share : share;
  }

  @Override
  public Set<FactKey<?>> uses() {
    return Set.of(attribute.key());
  }
}
