package ai.llmd.epp.domain.scheduling.filter;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.facts.EndpointAttribute;
import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the endpoints one of whose reported numbers compares to a threshold as wanted. Numbers
 * compare as doubles do: one that is not a number is only ever {@code NotEqual}.
 */
public final class EndpointAttributeFilter implements Filter {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
              "endpoint-attribute-filter",
              new Parameters("", null, OnMissing.PASS, false, new Algorithm(null, null)),
              EndpointAttributeFilter::new)
          .alpha();

  /**
   * Which number is compared, and what happens when there is none.
   *
   * @param attribute name of the number; required
   * @param producer extractor of the number, may be empty; without it {@link
   *     EndpointAttribute#DEFAULT_EXTRACTOR}
   * @param onMissing what happens to an endpoint without the number
   * @param fallbackOnEmpty whether all endpoints are kept when none would be
   */
  public record Parameters(
      String attribute,
      @Nullable String producer,
      OnMissing onMissing,
      boolean fallbackOnEmpty,
      Algorithm algorithm) {

    public Parameters {
      if (producer == null && attribute.indexOf('/') >= 0) {
        throw new IllegalArgumentException(
            "attribute must not contain '/' unless producer is given, was \"" + attribute + '"');
      }
    }

    private EndpointAttribute endpointAttribute() {
      return EndpointAttribute.of(
          attribute, producer == null ? EndpointAttribute.DEFAULT_EXTRACTOR : producer);
    }
  }

  /** What happens to an endpoint whose report lacks the number. */
  public enum OnMissing {
    PASS("Pass"),
    FAIL("Fail");

    private final String label;

    OnMissing(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  /**
   * How numbers are judged.
   *
   * @param type required
   * @param threshold required
   */
  public record Algorithm(@Nullable AlgorithmType type, @Nullable Threshold threshold) {}

  /** The ways of judging a number. */
  public enum AlgorithmType {
    THRESHOLD("threshold");

    private final String label;

    AlgorithmType(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  /**
   * A comparison; the endpoint's number stands on its left.
   *
   * @param operator required
   * @param value what the number is compared with
   */
  public record Threshold(@Nullable Operator operator, double value) {

    public Threshold {
      if (operator == null) {
        throw new IllegalArgumentException("operator is required");
      }
    }
  }

  /** The comparisons. */
  public enum Operator {
    LESS_THAN("LessThan"),
    LESS_THAN_OR_EQUAL("LessThanOrEqual"),
    GREATER_THAN("GreaterThan"),
    GREATER_THAN_OR_EQUAL("GreaterThanOrEqual"),
    EQUAL("Equal"),
    NOT_EQUAL("NotEqual");

    private final String label;

    Operator(String label) {
      this.label = label;
    }

    boolean holds(double left, double right) {
      return switch (this) {
        case LESS_THAN -> left < right;
        case LESS_THAN_OR_EQUAL -> left <= right;
        case GREATER_THAN -> left > right;
        case GREATER_THAN_OR_EQUAL -> left >= right;
        case EQUAL -> left == right;
        case NOT_EQUAL -> left != right;
      };
    }

    @Override
    public String toString() {
      return label;
    }
  }

  private final EndpointAttribute attribute;
  private final boolean keepsMissing;
  private final boolean fallsBack;
  private final Operator operator;
  private final double threshold;

  /**
   * @throws IllegalArgumentException when a required parameter is missing
   */
  public EndpointAttributeFilter(Parameters parameters) {
    if (parameters.attribute().isEmpty()) {
      throw new IllegalArgumentException("attribute is required");
    }
    if (parameters.algorithm().type() == null) {
      throw new IllegalArgumentException("algorithm.type is required");
    }
    Threshold wanted = parameters.algorithm().threshold();
    if (wanted == null) {
      throw new IllegalArgumentException("algorithm.threshold is required");
    }
    this.attribute = parameters.endpointAttribute();
    this.keepsMissing = parameters.onMissing() == OnMissing.PASS;
    this.fallsBack = parameters.fallbackOnEmpty();
    this.operator = Objects.requireNonNull(wanted.operator());
    this.threshold = wanted.value();
  }

  @Override
  public Candidates filter(SchedulingCycle cycle) {
    Candidates kept = cycle.candidates().where(candidate -> passes(candidate.load()));
    return fallsBack && kept.isEmpty() ? cycle.candidates() : kept;
  }

  private boolean passes(EndpointLoad load) {
    Double value = attribute.of(load);
    return value == null ? keepsMissing : operator.holds(value, threshold);
  }

  @Override
  public Set<FactKey<?>> uses() {
    return Set.of(attribute.key());
  }
}
